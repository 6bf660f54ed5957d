-- What happened on a case, as far as its clocks ask: inserted, never changed. The body is JSON.
CREATE TABLE case_events (
    desk TEXT NOT NULL,
    case_no BIGINT NOT NULL,
    event_no BIGINT NOT NULL,
    at BIGINT NOT NULL,
    cause TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (desk, case_no, event_no)
);

-- The runs of the clocks as they follow from the events: one row a generation, written anew whenever something happens,
-- so that a tick reads only what has something due.
CREATE TABLE clocks (
    desk TEXT NOT NULL,
    case_no BIGINT NOT NULL,
    client TEXT NOT NULL,
    clock TEXT NOT NULL,
    generation BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    due BIGINT,
    half_due BIGINT,
    nearly_due BIGINT,
    met_at BIGINT,
    missed_at BIGINT,
    reclassified_at BIGINT,
    ended_at BIGINT,
    tick_due BIGINT,
    PRIMARY KEY (desk, case_no, clock, generation)
);
CREATE INDEX clocks_to_tick ON clocks (desk, tick_due);
CREATE INDEX clocks_by_client ON clocks (desk, client, met_at);

-- Cases that were there before: what their rows tell. Their numbers are below all that are drawn.
INSERT INTO case_events (desk, case_no, event_no, at, cause, body)
    SELECT desk, case_no, -4, opened_at, 'upgrade',
        '{"what":"opened","by":"client","priority":"' || priority || '","kind":"' || kind || '"}' FROM cases;
INSERT INTO case_events (desk, case_no, event_no, at, cause, body)
    SELECT desk, case_no, -3, responded_at, 'upgrade', '{"what":"answered"}' FROM cases
    WHERE responded_at IS NOT NULL;
INSERT INTO case_events (desk, case_no, event_no, at, cause, body)
    SELECT desk, case_no, -2, changed_at, 'upgrade',
        '{"what":"waits","on":"' || status || '"}' FROM cases
    WHERE status IN ('waiting-client', 'waiting-supplier');
INSERT INTO case_events (desk, case_no, event_no, at, cause, body)
    SELECT desk, case_no, -2, resolved_at, 'upgrade', '{"what":"resolved"}' FROM cases
    WHERE status IN ('resolved', 'closed') AND resolved_at IS NOT NULL;
INSERT INTO case_events (desk, case_no, event_no, at, cause, body)
    SELECT desk, case_no, -1, changed_at, 'upgrade', '{"what":"merged","into":' || merged_into || '}' FROM cases
    WHERE status = 'merged' AND merged_into IS NOT NULL;
INSERT INTO case_events (desk, case_no, event_no, at, cause, body)
    SELECT desk, case_no, -1, closed_at, 'upgrade', '{"what":"closed"}' FROM cases
    WHERE status = 'closed' AND closed_at IS NOT NULL;
-- What was done late was told, or nobody was to be told.
INSERT INTO case_events (desk, case_no, event_no, at, cause, body)
    SELECT desk, case_no, -6, responded_at, 'upgrade',
        '{"what":"told","clock":"response","generation":1,"telling":"missed"}' FROM cases
    WHERE responded_at IS NOT NULL;
INSERT INTO case_events (desk, case_no, event_no, at, cause, body)
    SELECT desk, case_no, -5, resolved_at, 'upgrade',
        '{"what":"told","clock":"resolution","generation":1,"telling":"missed"}' FROM cases
    WHERE status IN ('resolved', 'closed') AND resolved_at IS NOT NULL;

-- The first tick counts what the cases that still live are promised.
INSERT INTO clocks (desk, case_no, client, clock, generation, started_at, tick_due)
    SELECT desk, case_no, client, 'resolution', 1, opened_at, opened_at FROM cases
    WHERE status NOT IN ('closed', 'merged');
