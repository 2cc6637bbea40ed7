-- The receipt of the newest episode of each of some conversations. Cost: a few granules a key.
SELECT * FROM botlogs.receipts FINAL WHERE ConversationKey IN {keys:Array(String)} ORDER BY Episode DESC LIMIT 1 BY ConversationKey
