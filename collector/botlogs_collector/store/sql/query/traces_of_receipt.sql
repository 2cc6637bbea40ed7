-- The traces of the conversation whose receipt has this key. Cost: one granule a part.
SELECT DISTINCT arrayJoin(TraceIds) AS TraceId FROM botlogs.receipts WHERE ConversationKey = {id:String} LIMIT 10000 SETTINGS max_execution_time = 5
