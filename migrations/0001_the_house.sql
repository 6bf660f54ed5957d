-- One text for SQLite and PostgreSQL: BIGINT, TEXT and BYTEA only. Times are microseconds since 1970 in UTC;
-- yes or no is a nullable ..._at. Every table knows its desk.

-- A desk's row is locked first by every transaction that decides, so such transactions of one desk queue up and
-- can neither deadlock nor decide from the same balance twice.
CREATE TABLE desks (
    desk TEXT NOT NULL PRIMARY KEY,
    directory_version BIGINT NOT NULL
);

-- Numbers that are given out: read under the desk's lock, written before the commit.
CREATE TABLE counters (
    desk TEXT NOT NULL,
    name TEXT NOT NULL,
    value BIGINT NOT NULL,
    PRIMARY KEY (desk, name)
);

-- The declared world: one row for each expert, client, contract, person, position, ...; the body is JSON.
CREATE TABLE directory_items (
    desk TEXT NOT NULL,
    kind TEXT NOT NULL,
    item_key TEXT NOT NULL,
    source TEXT NOT NULL,
    body TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    ended_at BIGINT,
    PRIMARY KEY (desk, kind, item_key)
);

-- How far each folder of a mailbox was read.
CREATE TABLE mailbox_folders (
    desk TEXT NOT NULL,
    mailbox TEXT NOT NULL,
    folder TEXT NOT NULL,
    uid_validity BIGINT NOT NULL,
    last_uid BIGINT NOT NULL,
    adopted_since BIGINT NOT NULL,
    fetched_at BIGINT,
    PRIMARY KEY (desk, mailbox, folder)
);

-- Mails that are under way: open (being tried) until taken_at, then waiting to be filed away. A row goes when
-- its mail is filed; below last_uid no row means done.
CREATE TABLE uid_notes (
    desk TEXT NOT NULL,
    mailbox TEXT NOT NULL,
    folder TEXT NOT NULL,
    uid_validity BIGINT NOT NULL,
    uid TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    taken_at BIGINT,
    PRIMARY KEY (desk, mailbox, folder, uid_validity, uid)
);

-- The bytes of every mail and letter, by their SHA-256; packed here, or in a file when large.
CREATE TABLE raw_mails (
    desk TEXT NOT NULL,
    digest TEXT NOT NULL,
    size BIGINT NOT NULL,
    packed BYTEA,
    file TEXT,
    PRIMARY KEY (desk, digest)
);

CREATE TABLE messages (
    desk TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    message_no BIGINT NOT NULL,
    message_id TEXT,
    raw_digest TEXT NOT NULL,
    mailbox TEXT NOT NULL,
    sender TEXT,
    sender_name TEXT,
    person TEXT,
    role TEXT,
    subject TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    claimed_at BIGINT NOT NULL,
    origin TEXT NOT NULL,
    proof TEXT NOT NULL,
    fresh TEXT NOT NULL,
    outcome TEXT NOT NULL,
    cause TEXT,
    why TEXT NOT NULL,
    case_no BIGINT,
    request_no BIGINT,
    PRIMARY KEY (desk, fingerprint)
);
CREATE UNIQUE INDEX messages_by_number ON messages (desk, message_no);
CREATE INDEX messages_by_case ON messages (desk, case_no, received_at);
CREATE INDEX messages_by_sender ON messages (desk, sender, claimed_at);
CREATE INDEX messages_by_outcome ON messages (desk, outcome, message_no);

-- Every Message-ID that came in, went out, was mentioned, or that a provider gave one of our letters.
CREATE TABLE message_ids (
    desk TEXT NOT NULL,
    message_id TEXT NOT NULL,
    way TEXT NOT NULL,
    owner_no BIGINT NOT NULL,
    case_no BIGINT,
    client TEXT,
    PRIMARY KEY (desk, message_id, way, owner_no)
);

CREATE TABLE cases (
    desk TEXT NOT NULL,
    case_no BIGINT NOT NULL,
    number TEXT NOT NULL,
    client TEXT NOT NULL,
    subject TEXT NOT NULL,
    status TEXT NOT NULL,
    kind TEXT NOT NULL,
    priority TEXT NOT NULL,
    coordinator TEXT,
    opened_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    response_due BIGINT,
    responded_at BIGINT,
    resolution_due BIGINT,
    resolved_at BIGINT,
    close_due BIGINT,
    wait_due BIGINT,
    closed_at BIGINT,
    refers_to BIGINT,
    last_client_message_id TEXT,
    last_client_cc TEXT NOT NULL,
    estimate_minutes BIGINT,
    merged_into BIGINT,
    merged_from TEXT NOT NULL,
    PRIMARY KEY (desk, case_no)
);
CREATE UNIQUE INDEX cases_by_number ON cases (desk, number);
CREATE INDEX cases_by_client ON cases (desk, client, status);
CREATE INDEX cases_to_close ON cases (desk, status, close_due);
CREATE INDEX cases_to_wake ON cases (desk, wait_due);

CREATE TABLE case_parties (
    desk TEXT NOT NULL,
    case_no BIGINT NOT NULL,
    person TEXT NOT NULL,
    role TEXT NOT NULL,
    since BIGINT NOT NULL,
    ended_at BIGINT,
    PRIMARY KEY (desk, case_no, person, role)
);

-- What tags and commands changed on a case, so that it can be taken back; the body is JSON.
CREATE TABLE case_changes (
    desk TEXT NOT NULL,
    change_no BIGINT NOT NULL,
    case_no BIGINT NOT NULL,
    cause TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    body TEXT NOT NULL,
    undone_at BIGINT,
    PRIMARY KEY (desk, change_no)
);
CREATE INDEX case_changes_by_case ON case_changes (desk, case_no, change_no);

-- Experts whose own out-of-office said that they are away; one row each, ended by any mail of theirs.
CREATE TABLE absences (
    desk TEXT NOT NULL,
    person TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    since BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    PRIMARY KEY (desk, person)
);

-- What a reporter asked, until the coordinator decides.
CREATE TABLE requests (
    desk TEXT NOT NULL,
    request_no BIGINT NOT NULL,
    client TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    reporter TEXT NOT NULL,
    reporter_name TEXT NOT NULL,
    subject TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    decided_at BIGINT,
    decided_by TEXT,
    case_no BIGINT,
    PRIMARY KEY (desk, request_no)
);
CREATE INDEX requests_by_client ON requests (desk, client, state);

-- Experts' mails that wait for a mend.
CREATE TABLE parked (
    desk TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    case_no BIGINT NOT NULL,
    person TEXT NOT NULL,
    lines TEXT NOT NULL,
    parked_at BIGINT NOT NULL,
    reminded_at BIGINT,
    ended_at BIGINT,
    PRIMARY KEY (desk, fingerprint)
);

-- Finished letters, each to one recipient, and what became of them.
CREATE TABLE letters (
    desk TEXT NOT NULL,
    letter_no BIGINT NOT NULL,
    message_id TEXT NOT NULL,
    notice TEXT NOT NULL,
    cause TEXT NOT NULL,
    case_no BIGINT,
    request_no BIGINT,
    client TEXT,
    person TEXT,
    recipient TEXT NOT NULL,
    reverse_path TEXT,
    subject TEXT NOT NULL,
    text TEXT NOT NULL,
    raw_digest TEXT NOT NULL,
    is_automatic BIGINT NOT NULL,
    state TEXT NOT NULL,
    enqueued_at BIGINT NOT NULL,
    attempt_due BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    lease_owner TEXT,
    uncertain_at BIGINT,
    sent_at BIGINT,
    bounced_at BIGINT,
    answer TEXT,
    PRIMARY KEY (desk, letter_no)
);
CREATE UNIQUE INDEX letters_by_message_id ON letters (desk, message_id);
CREATE INDEX letters_to_send ON letters (state, attempt_due);
CREATE INDEX letters_by_case ON letters (desk, case_no, letter_no);
CREATE INDEX letters_by_cause ON letters (desk, cause);
CREATE INDEX letters_by_recipient ON letters (desk, recipient, enqueued_at);

-- The strip-card ledger: inserted, never changed.
CREATE TABLE entries (
    desk TEXT NOT NULL,
    entry_no BIGINT NOT NULL,
    client TEXT NOT NULL,
    kind TEXT NOT NULL,
    card TEXT,
    real_minutes BIGINT NOT NULL,
    charged_minutes BIGINT NOT NULL,
    work_date TEXT NOT NULL,
    booked_at BIGINT NOT NULL,
    booking_key TEXT NOT NULL,
    part BIGINT NOT NULL,
    expert TEXT,
    position TEXT,
    case_no BIGINT,
    message_id TEXT,
    description TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (desk, entry_no)
);
CREATE UNIQUE INDEX entries_once ON entries (desk, booking_key, part);
CREATE INDEX entries_by_client ON entries (desk, client, entry_no);
CREATE INDEX entries_by_case ON entries (desk, case_no, entry_no);

-- Things that may be told or done only once: card notices, alarms, a harmed address.
CREATE TABLE marks (
    desk TEXT NOT NULL,
    mark TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    until_at BIGINT,
    PRIMARY KEY (desk, mark)
);

-- The audit trail: inserted, never changed.
CREATE TABLE audit (
    desk TEXT NOT NULL,
    audit_no BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    case_no BIGINT,
    fingerprint TEXT,
    position TEXT,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (desk, audit_no)
);
CREATE INDEX audit_by_case ON audit (desk, case_no, audit_no);
