-- Which conversations are over and readable now, the longest due first. Cost: one pass over the hold's trace_state
-- (1.2 s of CPU for 700,000 held conversations); so it asks for no column that needs more.
SELECT
    ConversationKey,
    TraceIds,
    if(EndRule = 'max_age', least(EndedUnixNano, toUnixTimestamp64Nano(LastReceivedAt)), toUnixTimestamp64Nano(LastReceivedAt)) AS Upto
FROM botlogs.conversation_state(now_ns = {now_ns:Int64}, since = {since:Date}, include_live = 0)
WHERE NOT Settled AND AvailableUnixNano <= {now_ns:Int64} AND Upto <= {watermark_ns:Int64} AND Upto > Watermark
ORDER BY AvailableUnixNano, ConversationKey
LIMIT {limit:UInt32}
SETTINGS max_execution_time = 300, max_bytes_before_external_group_by = 1000000000
