-- One row a conversation and episode that was decided, kept or dropped: why, from what, and what became of it.
-- A newer row of the same key replaces an older one (releasing, then released; dropped, then restored).
CREATE TABLE IF NOT EXISTS botlogs.receipts
(
    ConversationKey String,
    Episode UInt32,
    Status Enum8('releasing' = 1, 'released' = 2, 'dropped' = 3, 'restoring' = 4, 'restored' = 5),
    BatchId String COMMENT 'which INSERT … SELECT moved it',
    ConversationId String,
    TraceIds Array(String),
    BotId LowCardinality(String),
    Environment LowCardinality(String),
    EnvironmentGiven Bool COMMENT 'false: it came without one and counted as the default',
    Channel LowCardinality(String),
    UserId String,
    StartedAt DateTime64(9),
    LastTimestamp DateTime64(9),
    EndedAt DateTime64(9),
    EndRule LowCardinality(String) COMMENT 'signal, idle, max_age',
    AvailableAt DateTime64(9) COMMENT 'the end plus the environment''s delay',
    ReleasedAt DateTime64(9) COMMENT 'when it became readable; 1970: never',
    AfterWatermark DateTime64(9) COMMENT 'rows received after this …',
    Watermark DateTime64(9) COMMENT '… and up to this belong to the episode',
    Decision LowCardinality(String) COMMENT 'keep, drop',
    DecidedBy String,
    Votes String COMMENT 'JSON: [{"policy", "vote", "because"}]',
    PoliciesHash String,
    Weight Float64 COMMENT 'how many conversations this one stands for',
    Turns UInt32,
    Spans UInt64,
    NodeActions UInt64,
    LogEvents UInt64,
    Errors UInt64,
    Bytes UInt64,
    LateRows UInt64 COMMENT 'arrived after the watermark and followed the decision',
    Complete Bool COMMENT 'false: the hold ended before all of it could be moved',
    DecidedAt DateTime64(9),
    Version UInt64
)
ENGINE = ReplacingMergeTree(Version)
PARTITION BY toYYYYMM(StartedAt)
ORDER BY (ConversationKey, Episode)
TTL toDateTime(DecidedAt) + toIntervalSecond({retention_s})
SETTINGS index_granularity = 512, default_compression_codec = 'ZSTD(1)', non_replicated_deduplication_window = 1000;
