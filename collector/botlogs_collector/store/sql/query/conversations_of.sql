-- Some conversations as far as trace_state tells them, all of their traces given: what they are and their counts as
-- received. How they stand follows from that, their receipts and the rules (model/standing.py): asked of the view
-- conversation_state_of, which says the same, it takes 50 ms to plan. Cost: the granules of the traces.
SELECT
    if(t.ConversationId = '', t.TraceId, lower(hex(sipHash128(t.Environment, t.BotId, t.ConversationId)))) AS ConversationKey,
    any(t.ConversationId) AS ConversationId,
    any(t.Environment) AS Environment,
    any(t.BotId) AS BotId,
    max(t.Live) AS Live,
    groupArray(t.TraceId) AS TraceIds,
    argMin(t.TraceId, (t.FirstReceivedAt, t.TraceId)) AS TraceId,
    max(t.EnvironmentGiven) AS EnvironmentGiven,
    max(t.Channel) AS Channel,
    max(t.UserId) AS UserId,
    toUnixTimestamp64Nano(min(t.FirstTimestamp)) AS Started,
    toUnixTimestamp64Nano(max(t.LastTimestamp)) AS LastActivity,
    toUnixTimestamp64Nano(min(t.FirstReceivedAt)) AS FirstReceived,
    toUnixTimestamp64Nano(max(t.LastReceivedAt)) AS LastReceived,
    toUnixTimestamp64Nano(max(t.EndReceivedAt)) AS EndReceived,
    sum(t.Spans) AS Spans,
    sum(t.NodeActions) AS NodeActions,
    sum(t.LogEvents) AS LogEvents,
    sum(t.Errors) AS Errors,
    sum(t.Bytes) AS Bytes,
    length(groupUniqArrayArray(t.Turns)) AS Turns
FROM
(
    SELECT
        TraceId,
        max(s.Live) AS Live,
        argMax(s.Environment, s.Live) AS Environment,
        max(s.EnvironmentGiven) AS EnvironmentGiven,
        max(s.ConversationId) AS ConversationId,
        max(s.BotId) AS BotId,
        max(s.Channel) AS Channel,
        max(s.UserId) AS UserId,
        min(s.FirstTimestamp) AS FirstTimestamp,
        max(s.LastTimestamp) AS LastTimestamp,
        min(s.FirstReceivedAt) AS FirstReceivedAt,
        max(s.LastReceivedAt) AS LastReceivedAt,
        max(s.EndReceivedAt) AS EndReceivedAt,
        sum(s.Spans) AS Spans,
        sum(s.NodeActions) AS NodeActions,
        sum(s.LogEvents) AS LogEvents,
        sum(s.Errors) AS Errors,
        sum(s.Bytes) AS Bytes,
        groupUniqArrayArray(s.Turns) AS Turns
    FROM botlogs.trace_state AS s
    WHERE s.TraceId IN {traces:Array(String)}
    GROUP BY TraceId
) AS t
GROUP BY ConversationKey
SETTINGS max_execution_time = 10, max_threads = 1
