-- What some traces are, and which conversations they belong to. Cost: their granules of trace_state, by its key.
SELECT
    TraceId,
    max(s.Live) AS Live,
    argMax(s.Environment, s.Live) AS Environment,
    max(s.ConversationId) AS ConversationId,
    max(s.BotId) AS BotId,
    max(s.Channel) AS Channel,
    if(ConversationId = '', TraceId, lower(hex(sipHash128(Environment, BotId, ConversationId)))) AS ConversationKey,
    toUnixTimestamp64Nano(min(s.FirstReceivedAt)) AS FirstReceived,
    toUnixTimestamp64Nano(max(s.LastReceivedAt)) AS LastReceived,
    toUnixTimestamp64Nano(max(s.EndReceivedAt)) AS EndReceived,
    sum(s.NodeActions) AS NodeActions,
    sum(s.Spans) AS Spans,
    sum(s.LogEvents) AS LogEvents,
    sum(s.SpanEvents) AS SpanEvents,
    sum(s.Bytes) AS Bytes
FROM botlogs.trace_state AS s
WHERE s.TraceId IN {traces:Array(String)}
GROUP BY TraceId
SETTINGS max_execution_time = 5, max_threads = 1
