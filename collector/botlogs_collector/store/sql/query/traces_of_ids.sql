-- All traces of the conversations that have one of some ids. Cost: the granules of trace_state that the index on
-- ConversationId leaves.
SELECT DISTINCT TraceId
FROM botlogs.trace_state
WHERE ConversationId IN {conversation_ids:Array(String)} AND ConversationId != ''
LIMIT 100000
SETTINGS max_execution_time = 10, max_threads = 1
