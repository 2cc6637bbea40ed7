-- Channels whose conversations end by other rules than their environment's; 0 means: as the environment says.
CREATE TABLE IF NOT EXISTS botlogs.channels
(
    Channel String,
    IdleTimeout UInt64 COMMENT 'ns',
    MaxAge UInt64 COMMENT 'ns',
    Version UInt64 COMMENT 'Unix ns of the write',
    Removed UInt8 DEFAULT 0
)
ENGINE = ReplacingMergeTree(Version, Removed)
ORDER BY Channel;
