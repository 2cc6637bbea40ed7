-- What the rows that name a conversation id tell of it; rows of its traces that do not name it are left out, so that
-- it is a guess (see conversation_refs). Cost: the granules of trace_state that the index on ConversationId leaves.
SELECT
    TraceId, Live, Environment, ConversationId, BotId, Channel,
    toUnixTimestamp64Nano(FirstReceivedAt) AS FirstReceived,
    toUnixTimestamp64Nano(LastReceivedAt) AS LastReceived,
    toUnixTimestamp64Nano(EndReceivedAt) AS EndReceived,
    NodeActions, Spans, LogEvents, SpanEvents
FROM botlogs.trace_state
WHERE ConversationId = {id:String}
LIMIT {limit:UInt32}
SETTINGS max_execution_time = 5, max_threads = 1
