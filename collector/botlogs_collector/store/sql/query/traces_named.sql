-- The traces of a conversation id. Cost: the granules of trace_state that the index on ConversationId leaves.
SELECT DISTINCT TraceId FROM botlogs.trace_state WHERE ConversationId = {id:String} LIMIT 10000 SETTINGS max_execution_time = 5, max_threads = 1
