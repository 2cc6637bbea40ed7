-- How far each endpoint of `exporters.otlp` has got: everything that became visible up to FromAt has been delivered,
-- and of what became visible after it, up to UptoAt, everything up to the key (AfterTraceId, AfterTimestamp, AfterId).
CREATE TABLE IF NOT EXISTS botlogs.forward_cursors
(
    Endpoint String COMMENT 'its name in the configuration',
    Signal LowCardinality(String),
    FromAt DateTime64(9),
    UptoAt DateTime64(9),
    InWindow Bool COMMENT 'a window is under way and the key says how far',
    AfterTraceId String,
    AfterTimestamp DateTime64(9),
    AfterId String COMMENT 'of a span, or of a log record',
    Version UInt64 COMMENT 'Unix ns of the write'
)
ENGINE = ReplacingMergeTree(Version)
ORDER BY (Endpoint, Signal);
