-- When the next conversation will be due, 0 for never. Not before the hold changes will another one be due sooner.
-- Cost: as due_keys.
SELECT minOrDefault(AvailableUnixNano) AS NextDue
FROM botlogs.conversation_state(now_ns = {now_ns:Int64}, since = {since:Date}, include_live = 0)
WHERE NOT Settled AND toUnixTimestamp64Nano(LastReceivedAt) > Watermark
SETTINGS max_bytes_before_external_group_by = 1000000000
