-- All traces of the conversations that some traces belong to, with the key of each and its first day.
-- Cost: the granules of trace_state that hold them, by its key and the index on ConversationId.
SELECT
    TraceId,
    max(s.ConversationId) AS ConversationId,
    if(ConversationId = '', TraceId, lower(hex(sipHash128(argMax(s.Environment, s.Live), max(s.BotId), ConversationId)))) AS ConversationKey,
    min(s.Day) AS FirstDay
FROM botlogs.trace_state AS s
WHERE s.TraceId IN {traces:Array(String)}
    OR s.TraceId IN (
        SELECT TraceId FROM botlogs.trace_state
        WHERE ConversationId IN {conversation_ids:Array(String)} AND ConversationId != '')
GROUP BY TraceId
SETTINGS max_execution_time = 10
