-- The status of each episode of some conversations, in no order, older versions too. Cost: the granules of the keys,
-- of few columns.
SELECT ConversationKey, Episode, toString(Status) AS Status, Version
FROM botlogs.receipts
PREWHERE ConversationKey IN {keys:Array(String)}
SETTINGS max_execution_time = 5, max_threads = 1, optimize_move_to_prewhere = 0
