-- The state of some conversations, all of their traces and keys given. Cost: their granules of trace_state, their
-- receipts, and about 50 ms to plan the view.
SELECT
    ConversationKey, ConversationId, Environment, BotId, TraceIds, TraceId, EnvironmentGiven, Channel, UserId,
    toUnixTimestamp64Nano(FirstTimestamp) AS Started,
    toUnixTimestamp64Nano(LastTimestamp) AS LastActivity,
    toUnixTimestamp64Nano(FirstReceivedAt) AS FirstReceived,
    toUnixTimestamp64Nano(LastReceivedAt) AS LastReceived,
    Spans, NodeActions, LogEvents, Errors, Bytes, Turns,
    EndedUnixNano, EndRule, AvailableUnixNano, ReceiptDecidedBy, State
FROM botlogs.conversation_state_of(now_ns = {now_ns:Int64}, since = {since:Date}, include_live = 1, traces = {traces:Array(String)}, keys = {keys:Array(String)})
ORDER BY LastReceived DESC, TraceId DESC
SETTINGS max_execution_time = 10
