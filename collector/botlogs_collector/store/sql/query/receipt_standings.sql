-- How the newest episode of each of some conversations stands: of its receipt what a list and the gate need.
-- Cost: the granules of the keys, of few columns.
SELECT
    ConversationKey,
    Episode,
    toString(Status) AS Status,
    DecidedBy,
    toUnixTimestamp64Nano(Watermark) AS WatermarkNano,
    toUnixTimestamp64Nano(EndedAt) AS EndedNano,
    toString(EndRule) AS EndRule,
    toUnixTimestamp64Nano(AvailableAt) AS AvailableNano
FROM botlogs.receipts
WHERE ConversationKey IN {keys:Array(String)}
ORDER BY Episode DESC, Version DESC
LIMIT 1 BY ConversationKey
SETTINGS max_execution_time = 5, max_threads = 1
