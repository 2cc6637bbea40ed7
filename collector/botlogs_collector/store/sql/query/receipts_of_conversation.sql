-- All episodes of one conversation, named by its id, its key or one of its traces. Cost: a pass over those columns.
SELECT * FROM botlogs.receipts FINAL
WHERE ConversationId = {conversation:String} OR ConversationKey = {conversation:String} OR has(TraceIds, {conversation:String})
ORDER BY Episode
