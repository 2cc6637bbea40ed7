-- Folds arriving log records into botlogs.trace_state.
CREATE MATERIALIZED VIEW IF NOT EXISTS botlogs_ingest.state_of_logs TO botlogs.trace_state AS
WITH
    (SELECT mapFromArrays(groupArray(Name), groupArray((Environment, Live))) FROM botlogs.environments FINAL) AS environments,
    if(mapContains(environments, record.EnvironmentGiven), environments[record.EnvironmentGiven], environments['']) AS route
SELECT
    toDate(record.ReceivedAt) AS Day,
    record.TraceId AS TraceId,
    route.2 AS Live,
    max(route.1) AS Environment,
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
    groupUniqArrayIf(if(record.TurnIndex >= 0, toUInt64(record.TurnIndex), record.LogId), record.TurnIndex >= 0 OR record.EventName = 'bot.message.user') AS Turns,
    groupUniqArrayIf(toString(record.FlowId), record.FlowId != '') AS FlowIds,
    groupUniqArrayIf(toString(record.NodeId), record.NodeId != '') AS NodeIds
FROM botlogs_ingest.otel_logs AS record
WHERE record.TraceId != ''
GROUP BY Day, TraceId, route;
