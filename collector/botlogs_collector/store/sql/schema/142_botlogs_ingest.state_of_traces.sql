-- Folds arriving spans into botlogs.trace_state. A root span's end is an end mark only where the trace is
-- the conversation: a trace a turn with a conversation id would end at every turn.
CREATE MATERIALIZED VIEW IF NOT EXISTS botlogs_ingest.state_of_traces TO botlogs.trace_state AS
SELECT
    toDate(span.ReceivedAt) AS Day,
    span.TraceId AS TraceId,
    span.Live AS Live,
    max(span.Environment) AS Environment,
    max(span.EnvironmentGiven) AS EnvironmentGiven,
    max(span.ConversationId) AS ConversationId,
    max(span.BotId) AS BotId,
    max(span.ServiceName) AS ServiceName,
    max(span.Channel) AS Channel,
    max(span.UserId) AS UserId,
    min(span.Timestamp) AS FirstTimestamp,
    max(addNanoseconds(span.Timestamp, span.Duration)) AS LastTimestamp,
    min(span.ReceivedAt) AS FirstReceivedAt,
    max(span.ReceivedAt) AS LastReceivedAt,
    maxIf(span.ReceivedAt, span.ParentSpanId = '' AND (span.ConversationId = '' OR span.SpanName = 'conversation')) AS EndReceivedAt,
    count() AS Spans,
    countIf(span.NodeId != '') AS NodeActions,
    sum(length(span.`Events.Name`)) AS LogEvents,
    LogEvents AS SpanEvents,
    countIf(span.StatusCode = 'Error') AS Errors,
    sum(span.Bytes) AS Bytes,
    groupUniqArrayIf(sipHash64(span.SpanId, span.TurnIndex), span.SpanName = 'turn') AS Turns,
    groupUniqArrayIf(toString(span.FlowId), span.FlowId != '') AS FlowIds,
    groupUniqArrayIf(toString(span.NodeId), span.NodeId != '') AS NodeIds
FROM botlogs_ingest.otel_traces AS span
GROUP BY Day, TraceId, Live;
