-- Exact totals of everything received, before sampling, by hour of arrival: dashboards never lie.
CREATE TABLE IF NOT EXISTS botlogs.totals
(
    Hour DateTime,
    Environment LowCardinality(String),
    BotId LowCardinality(String),
    FlowId LowCardinality(String),
    NodeId LowCardinality(String),
    EventName LowCardinality(String) COMMENT 'of log events; empty for spans',
    Spans UInt64,
    LogEvents UInt64,
    Errors UInt64,
    Duration UInt64 COMMENT 'ns, all spans together',
    Bytes UInt64
)
ENGINE = SummingMergeTree
PARTITION BY toYYYYMM(Hour)
ORDER BY (Hour, Environment, BotId, FlowId, NodeId, EventName)
TTL Hour + toIntervalSecond({retention_s})
SETTINGS merge_selector_base = 16;
