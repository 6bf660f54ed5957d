-- Very many letters may become due at one moment, such as when held ones are released: the first of them are found
-- without a look at all.
DROP INDEX letters_to_send;
CREATE INDEX letters_to_send ON letters (state, attempt_due, letter_no);
