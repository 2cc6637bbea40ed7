-- Conversations whose episode is over and readable now. Cost: one pass over the hold's trace_state.
SELECT
    ConversationKey,
    TraceIds,
    ConversationId,
    BotId,
    Environment,
    EnvironmentGiven != '' AS IsGiven,
    Channel,
    UserId,
    NodeIds,
    ReceiptEpisode,
    toString(ReceiptDecision) AS PreviousDecision,
    ReceiptLastUnixNano,
    EndedUnixNano,
    EndRule,
    AvailableUnixNano,
    Watermark AS AfterWatermark,
    if(EndRule = 'max_age', least(EndedUnixNano, toUnixTimestamp64Nano(LastReceivedAt)), toUnixTimestamp64Nano(LastReceivedAt)) AS Upto
FROM botlogs.conversation_state(now_ns = {now_ns:Int64}, since = {since:Date}, include_live = 0)
WHERE NOT Settled AND AvailableUnixNano <= {now_ns:Int64} AND Upto <= {watermark_ns:Int64} AND Upto > AfterWatermark
ORDER BY AvailableUnixNano, ConversationKey
LIMIT {limit:UInt32}
