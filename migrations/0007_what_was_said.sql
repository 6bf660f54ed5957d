-- What counts of a mail's new text: without what it repeats of the letter that it answers and, where an expert's tags
-- were carried out, without the lines of these. Of a mail that mends a parked one: the text that was mended.
ALTER TABLE messages ADD COLUMN said TEXT;
