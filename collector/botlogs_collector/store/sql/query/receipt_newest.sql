-- The newest receipt of one conversation. Cost: one granule a part.
SELECT {columns}
FROM botlogs.receipts
WHERE ConversationKey = {key:String}
ORDER BY Episode DESC, Version DESC
LIMIT 1
SETTINGS max_execution_time = 5, max_threads = 1
