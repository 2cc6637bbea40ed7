-- Conversations of the hold that ended in a span of time, decided or not, in the order in which they became due, as the
-- release engine takes them: what a what-if replays. Cost: one pass over the hold's trace_state a page.
SELECT
    ConversationKey,
    TraceId,
    TraceIds,
    ConversationId,
    BotId,
    Environment,
    EnvironmentGiven != '' AS IsGiven,
    Channel,
    UserId,
    NodeIds,
    toUnixTimestamp64Nano(FirstReceivedAt) AS FirstReceived,
    toUInt32(0) AS ReceiptEpisode,
    toString(ReceiptDecision) AS PreviousDecision,
    toInt64(0) AS ReceiptLastUnixNano,
    EndedUnixNano,
    EndRule,
    AvailableUnixNano,
    toInt64(0) AS AfterWatermark,
    toUnixTimestamp64Nano(LastReceivedAt) AS Upto
FROM botlogs.conversation_state(now_ns = {now_ns:Int64}, since = {since:Date}, include_live = 0)
WHERE EndedUnixNano >= {from_ns:Int64} AND EndedUnixNano <= {now_ns:Int64}
    AND (AvailableUnixNano, ConversationKey) > ({after_ns:Int64}, {after:String})
ORDER BY AvailableUnixNano, ConversationKey
LIMIT {limit:UInt32}
SETTINGS max_bytes_before_external_group_by = 1000000000
