-- What casepost looks at every few seconds must not cost more the more is stored: small indexes over few rows.
CREATE INDEX letters_canary ON letters (desk, recipient, enqueued_at) WHERE notice = 'canary';
CREATE INDEX messages_canary ON messages (desk, mailbox, claimed_at) WHERE cause = 'canary';
CREATE INDEX messages_in_trouble ON messages (desk, claimed_at) WHERE outcome = 'quarantined';
