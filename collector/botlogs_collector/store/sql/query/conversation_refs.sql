-- The traces of every conversation that an id names: a conversation id, a trace id, or the key of a receipt.
-- Cost: the granules of trace_state that hold them, by its key and the index on ConversationId.
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
    sum(s.LogEvents) AS LogEvents
FROM botlogs.trace_state AS s
WHERE s.TraceId IN
(
    SELECT {id:String}
    UNION ALL
    SELECT TraceId FROM botlogs.trace_state
    WHERE ConversationId IN
    (
        SELECT {id:String}
        UNION ALL
        SELECT ConversationId FROM botlogs.trace_state WHERE TraceId = {id:String} AND ConversationId != ''
    )
    UNION ALL
    SELECT arrayJoin(TraceIds) FROM botlogs.receipts WHERE ConversationKey = {id:String}
)
GROUP BY TraceId
SETTINGS max_execution_time = 5
