-- What the rows of some traces, or those that name a conversation id, tell of it, as they lie there: conversation_refs
-- says what they come to. Rows of its traces that do not name it are left out of the latter, so that it is a guess.
-- Cost: the granules of trace_state that its key, or the index on ConversationId, leaves.
SELECT
    TraceId, Live, Environment, ConversationId, BotId, Channel,
    FirstReceivedAt AS FirstReceived, LastReceivedAt AS LastReceived, EndReceivedAt AS EndReceived,
    lower(hex(sipHash128(Environment, BotId, ConversationId))) AS ConversationKey, -- if traces
    NodeActions, Spans, LogEvents, SpanEvents, Bytes
FROM botlogs.trace_state
PREWHERE ConversationId = {id:String} -- if id
PREWHERE TraceId IN {traces:Array(String)} -- if traces
LIMIT {limit:UInt32}
SETTINGS max_execution_time = 5, max_threads = 1, optimize_move_to_prewhere = 0
