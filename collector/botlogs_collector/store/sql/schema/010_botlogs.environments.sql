-- How each environment is treated, one row for every name and alias (lower case), written from the
-- configuration at start. The row with the empty name is what a missing or unknown environment counts as.
CREATE TABLE IF NOT EXISTS botlogs.environments
(
    Name String,
    Environment LowCardinality(String),
    ReleaseDelay UInt64 COMMENT 'ns',
    IdleTimeout UInt64 COMMENT 'ns',
    MaxAge UInt64 COMMENT 'ns',
    Live Bool,
    Version UInt64 COMMENT 'Unix ns of the write',
    Removed UInt8 DEFAULT 0
)
ENGINE = ReplacingMergeTree(Version, Removed)
ORDER BY Name;
