-- A desk that was restored from a backup: what it may have done since the backup was taken, nobody knows.
CREATE TABLE restores (
    desk TEXT NOT NULL PRIMARY KEY,
    taken_at BIGINT NOT NULL,
    restored_at BIGINT NOT NULL,
    resumed_at BIGINT,
    caught_up_at BIGINT
);

-- When a restore or a second reading set a letter aside until the desk is resumed.
ALTER TABLE letters ADD COLUMN set_aside_at BIGINT;
CREATE INDEX letters_set_aside ON letters (desk, cause) WHERE set_aside_at IS NOT NULL;

-- Which casepost first brought the schema to each state, so that an older one can name what it meets.
CREATE TABLE upgrades (
    migration BIGINT NOT NULL PRIMARY KEY,
    casepost TEXT NOT NULL
);
