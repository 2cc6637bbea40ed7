-- Folds arriving log records into botlogs.trace_state.
CREATE MATERIALIZED VIEW IF NOT EXISTS botlogs_ingest.state_of_logs TO botlogs.trace_state AS
SELECT
    toDate(record.ReceivedAt) AS Day,
    record.TraceId AS TraceId,
    record.Live AS Live,
    max(record.Environment) AS Environment,
    max(record.EnvironmentGiven) AS EnvironmentGiven,
    max(record.ConversationId) AS ConversationId,
    max(record.BotId) AS BotId,
    max(record.ServiceName) AS ServiceName,
    max(record.Channel) AS Channel,
    max(record.UserId) AS UserId,
    min(record.Timestamp) AS FirstTimestamp,
    max(record.Timestamp) AS LastTimestamp,
    min(record.ReceivedAt) AS FirstReceivedAt,
    max(record.ReceivedAt) AS LastReceivedAt,
    maxIf(record.ReceivedAt, record.EventName = 'bot.conversation.end') AS EndReceivedAt,
    count() AS LogEvents,
    countIf(record.SeverityNumber >= 17) AS Errors,
    sum(record.Bytes) AS Bytes,
    groupUniqArrayIf(sipHash64(if(record.SpanId = '', toString(record.LogId), record.SpanId), record.TurnIndex), record.EventName = 'bot.message.user') AS Turns,
    groupUniqArrayIf(toString(record.FlowId), record.FlowId != '') AS FlowIds,
    groupUniqArrayIf(toString(record.NodeId), record.NodeId != '') AS NodeIds
FROM botlogs_ingest.otel_logs AS record
WHERE record.TraceId != ''
GROUP BY Day, TraceId, Live;
