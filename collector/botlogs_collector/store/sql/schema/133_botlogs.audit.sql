-- Who asked for what: restores, grants and their revocation, changed policies.
CREATE TABLE IF NOT EXISTS botlogs.audit
(
    At DateTime64(9),
    Action LowCardinality(String),
    By String,
    Subject String COMMENT 'conversation, grant, …',
    Reason String,
    Detail String COMMENT 'JSON'
)
ENGINE = MergeTree
ORDER BY At
TTL toDateTime(At) + toIntervalSecond({retention_s});
