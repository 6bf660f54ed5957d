-- The weekly summaries that were made: once for each ISO week, whatever crashes and how many workers run. The client is
-- empty for the desk's own. entries_through is the number of the ledger's last line at that time, so that what comes to the
-- books later with an earlier receipt is told in the next one.
CREATE TABLE summaries (
    desk TEXT NOT NULL,
    week TEXT NOT NULL,
    client TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    entries_through BIGINT NOT NULL,
    PRIMARY KEY (desk, week, client)
);
CREATE INDEX summaries_by_client ON summaries (desk, client, week);

-- Few letters bounce, and a summary lists those of a week.
CREATE INDEX letters_bounced ON letters (desk, bounced_at) WHERE bounced_at IS NOT NULL;
