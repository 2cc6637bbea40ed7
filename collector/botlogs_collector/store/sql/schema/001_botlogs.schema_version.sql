-- Which versions of this schema were applied, and when.
CREATE TABLE IF NOT EXISTS botlogs.schema_version
(
    Version UInt32,
    AppliedAt UInt64 COMMENT 'Unix ns'
)
ENGINE = MergeTree
ORDER BY Version;
