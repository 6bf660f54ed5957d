-- What waits for a person who says nothing: a held request, a parked mail, a case that waits for the client. `stage`
-- counts the reminders that were told; nothing of it is looked at before look_due, when it is read anew.
CREATE TABLE silences (
    desk TEXT NOT NULL,
    kind TEXT NOT NULL,
    item TEXT NOT NULL,
    since BIGINT NOT NULL,
    stage BIGINT NOT NULL,
    told_at BIGINT,
    look_due BIGINT NOT NULL,
    PRIMARY KEY (desk, kind, item)
);
CREATE INDEX silences_to_look_at ON silences (desk, look_due);
CREATE INDEX requests_by_case ON requests (desk, case_no);

-- What waits already.
INSERT INTO silences (desk, kind, item, since, stage, told_at, look_due)
    SELECT desk, 'request', CAST(request_no AS TEXT), received_at, 0, NULL, received_at FROM requests WHERE state = 'held';
INSERT INTO silences (desk, kind, item, since, stage, told_at, look_due)
    SELECT desk, 'parked', fingerprint, parked_at, 0, NULL, parked_at FROM parked
    WHERE ended_at IS NULL AND reminded_at IS NULL;
INSERT INTO silences (desk, kind, item, since, stage, told_at, look_due)
    SELECT desk, 'case', CAST(case_no AS TEXT), changed_at, 0, NULL, changed_at FROM cases
    WHERE status = 'waiting-client' AND wait_due IS NULL;

-- Whether the expert was reminded of a parked mail is told by its row above.
ALTER TABLE parked DROP COLUMN reminded_at;
