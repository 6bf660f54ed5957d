-- How many cases an address opened lately, and how many letters it got, is asked for every set of mails: the indexes hold
-- all of the answer, so that the rows, with the texts in them, are not read.
DROP INDEX messages_by_sender;
CREATE INDEX messages_by_sender ON messages (desk, sender, claimed_at, outcome, fingerprint);
DROP INDEX letters_by_recipient;
CREATE INDEX letters_by_recipient ON letters (desk, recipient, enqueued_at, is_automatic, set_aside_at, case_no);
