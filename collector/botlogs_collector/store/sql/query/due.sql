-- All that the release engine wants to know about some conversations. Cost: the granules of their traces.
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
    ReceiptEpisode,
    toString(ReceiptDecision) AS PreviousDecision,
    ReceiptLastUnixNano,
    EndedUnixNano,
    EndRule,
    AvailableUnixNano,
    Spans + LogEvents AS Items,
    Watermark AS AfterWatermark,
    if(EndRule = 'max_age', least(EndedUnixNano, toUnixTimestamp64Nano(LastReceivedAt)), toUnixTimestamp64Nano(LastReceivedAt)) AS Upto
FROM botlogs.conversation_state_of(now_ns = {now_ns:Int64}, since = {since:Date}, include_live = 0, traces = {traces:Array(String)}, keys = {keys:Array(String)})
WHERE NOT Settled AND AvailableUnixNano <= {now_ns:Int64} AND Upto <= {watermark_ns:Int64} AND Upto > AfterWatermark
ORDER BY AvailableUnixNano, ConversationKey
SETTINGS max_execution_time = 300
