-- The bytes of a mail or letter may go while its row stays: when, and why (a retention rule, or somebody's right to be
-- forgotten). `file` stays until the file itself is removed, after the commit.
ALTER TABLE raw_mails ADD COLUMN deleted_at BIGINT;
ALTER TABLE raw_mails ADD COLUMN deleted_for TEXT;
CREATE INDEX raw_mails_to_remove ON raw_mails (desk, digest) WHERE deleted_at IS NOT NULL AND file IS NOT NULL;

-- What a retention rule looks at: cases by their end, and mails and letters of no case.
CREATE INDEX cases_by_end ON cases (desk, client, closed_at) WHERE status = 'closed';
CREATE INDEX cases_by_goal ON cases (desk, merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX messages_without_case ON messages (desk, claimed_at) WHERE case_no IS NULL;
CREATE INDEX letters_without_case ON letters (desk, enqueued_at) WHERE case_no IS NULL;
