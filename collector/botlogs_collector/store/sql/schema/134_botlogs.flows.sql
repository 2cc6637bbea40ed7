-- Every version of every flow that was declared (or learned) in readable logs.
CREATE TABLE IF NOT EXISTS botlogs.flows
(
    FlowId String,
    FlowVersion String,
    BotId LowCardinality(String),
    Environment LowCardinality(String),
    Definition String COMMENT 'JSON: {"id", "name", "nodes": [{"id", "name", "type"}], "edges": [{"from", "to", "label"}]}',
    Learned Bool COMMENT 'edges seen at run time, not authored',
    SeenAt DateTime64(9)
)
ENGINE = ReplacingMergeTree(SeenAt)
ORDER BY (FlowId, FlowVersion, BotId, Environment);
