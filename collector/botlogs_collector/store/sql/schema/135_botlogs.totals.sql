-- Totals of everything received, before sampling, by hour of arrival: exact ten minutes after the hour, when what came
-- twice is taken off (query/totals_settle.sql); until then a sender's retry may count again.
CREATE TABLE IF NOT EXISTS botlogs.totals
(
    Hour DateTime,
    Environment LowCardinality(String),
    BotId LowCardinality(String),
    FlowId LowCardinality(String),
    NodeId LowCardinality(String),
    EventName LowCardinality(String) COMMENT 'of log events; empty for spans',
    Spans Int64 COMMENT 'sum them: corrections are negative',
    LogEvents Int64,
    Errors Int64,
    Duration Int64 COMMENT 'ns, all spans together',
    Bytes Int64
)
ENGINE = SummingMergeTree
PARTITION BY toYYYYMM(Hour)
ORDER BY (Hour, Environment, BotId, FlowId, NodeId, EventName)
TTL Hour + toIntervalSecond({retention_s})
SETTINGS merge_selector_base = 16;
