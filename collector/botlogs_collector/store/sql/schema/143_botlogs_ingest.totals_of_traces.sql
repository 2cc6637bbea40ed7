-- Adds arriving spans to botlogs.totals.
CREATE MATERIALIZED VIEW IF NOT EXISTS botlogs_ingest.totals_of_traces TO botlogs.totals AS
SELECT
    toStartOfHour(span.ReceivedAt) AS Hour,
    span.Environment AS Environment,
    span.BotId AS BotId,
    span.FlowId AS FlowId,
    span.NodeId AS NodeId,
    count() AS Spans,
    countIf(span.StatusCode = 'Error') AS Errors,
    sum(span.Duration) AS Duration,
    sum(span.Bytes) AS Bytes
FROM botlogs_ingest.otel_traces AS span
GROUP BY Hour, Environment, BotId, FlowId, NodeId;
