-- Adds arriving log records to botlogs.totals.
CREATE MATERIALIZED VIEW IF NOT EXISTS botlogs_ingest.totals_of_logs TO botlogs.totals AS
SELECT
    toStartOfHour(record.ReceivedAt) AS Hour,
    record.Environment AS Environment,
    record.BotId AS BotId,
    record.FlowId AS FlowId,
    record.NodeId AS NodeId,
    record.EventName AS EventName,
    count() AS LogEvents,
    countIf(record.SeverityNumber >= 17) AS Errors,
    sum(record.Bytes) AS Bytes
FROM botlogs_ingest.otel_logs AS record
GROUP BY Hour, Environment, BotId, FlowId, NodeId, EventName;
