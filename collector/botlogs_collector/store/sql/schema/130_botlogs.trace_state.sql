-- One row a trace (and day of arrival): what happened to it so far, without a word of its content.
-- Conversations, live, ongoing and held, are read from here; counts are as received, before duplicates collapse.
-- Small granules and blocks, since most questions are about a few traces: they cost a third less, 1.6 % more bytes.
-- By month, since a question about one trace looks into every part; by day within, since lists ask for days.
CREATE TABLE IF NOT EXISTS botlogs.trace_state
(
    Day Date COMMENT 'of arrival',
    TraceId String,
    Live Bool,
    Environment SimpleAggregateFunction(max, String),
    EnvironmentGiven SimpleAggregateFunction(max, String),
    ConversationId SimpleAggregateFunction(max, String),
    BotId SimpleAggregateFunction(max, String),
    ServiceName SimpleAggregateFunction(max, String),
    Channel SimpleAggregateFunction(max, String),
    UserId SimpleAggregateFunction(max, String),
    FirstTimestamp SimpleAggregateFunction(min, DateTime64(9)),
    LastTimestamp SimpleAggregateFunction(max, DateTime64(9)),
    FirstReceivedAt SimpleAggregateFunction(min, DateTime64(9)),
    LastReceivedAt SimpleAggregateFunction(max, DateTime64(9)),
    EndReceivedAt SimpleAggregateFunction(max, DateTime64(9)) COMMENT 'of the newest end mark; 1970: none',
    Spans SimpleAggregateFunction(sum, UInt64),
    NodeActions SimpleAggregateFunction(sum, UInt64),
    LogEvents SimpleAggregateFunction(sum, UInt64),
    SpanEvents SimpleAggregateFunction(sum, UInt64) COMMENT 'those of LogEvents that came as events of spans',
    Errors SimpleAggregateFunction(sum, UInt64),
    Bytes SimpleAggregateFunction(sum, UInt64),
    Turns SimpleAggregateFunction(groupUniqArrayArray, Array(UInt64)) COMMENT 'hashes of span and number of each turn: workers may use one number twice',
    FlowIds SimpleAggregateFunction(groupUniqArrayArray, Array(String)),
    NodeIds SimpleAggregateFunction(groupUniqArrayArray, Array(String)),
    INDEX conversation ConversationId TYPE bloom_filter(0.01) GRANULARITY 8,
    INDEX trace TraceId TYPE bloom_filter(0.01) GRANULARITY 8
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(Day)
ORDER BY (Day, TraceId, Live)
TTL Day + toIntervalSecond({retention_s})
SETTINGS merge_selector_base = 16, index_granularity = 512, min_compress_block_size = 8192, max_compress_block_size = 65536, default_compression_codec = 'ZSTD(1)';
