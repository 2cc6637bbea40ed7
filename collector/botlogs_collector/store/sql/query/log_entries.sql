-- Log records of some traces as timeline entries, in time order after a position. Empty `keys`: all attributes
-- with their types, else those alone, texts cut at `max_text`. Cost: the granules of the traces within the times
-- of arrival and the span of time; sorted as the table is.
SELECT
    toUnixTimestamp64Nano(Timestamp) AS Time,
    transform(toString(EventName), ['bot.conversation.start', 'bot.conversation.reopen', 'bot.message.user', 'bot.flow.definition', 'bot.flow.start', 'bot.node.enter', 'bot.node.exit', 'bot.node.transition', 'bot.flow.complete', 'bot.conversation.end'], [10, 11, 12, 13, 14, 15, 30, 31, 32, 40], 20)::Int64 AS Rank,
    concat('l', leftPad(lower(hex(LogId)), 16, '0')) AS ItemId,
    if(EventName = '', 'log', toString(EventName)) AS Kind,
    toString(SeverityText) AS Severity,
    SeverityNumber,
    TraceId,
    SpanId,
    FlowId, FlowVersion, NodeId, NodeName, NodeType, TurnIndex,
    if({max_text:UInt32} = 0, Body, substringUTF8(Body, 1, {max_text:UInt32})) AS Text,
    toString(BodyType) AS TextType,
    BodyOriginal != '' AS TextNested,
    if(empty({keys:Array(String)}), LogAttributes, mapFilter((k, v) -> has({keys:Array(String)}, k), LogAttributes)) AS Attributes,
    mapKeys(Attributes) AS Keys,
    arrayMap(v -> if({max_text:UInt32} = 0, v, substringUTF8(v, 1, {max_text:UInt32})), mapValues(Attributes)) AS Values,
    if(empty({keys:Array(String)}), LogAttributeTypes, []) AS Types,
    if(empty({keys:Array(String)}), arrayMap(o -> o != '', LogAttributeOriginals), []) AS Nested,
    toUInt64(0) AS Duration,
    '' AS Status,
    ServiceName,
    ScopeName,
    toUnixTimestamp64Nano(VisibleAt) AS Visible
FROM botlogs.otel_logs
WHERE TraceId IN {traces:Array(String)}
    AND ReceivedAt BETWEEN fromUnixTimestamp64Nano({received_from:Int64}) AND fromUnixTimestamp64Nano({received_to:Int64})
    AND Timestamp BETWEEN fromUnixTimestamp64Nano({time_from:Int64}) AND fromUnixTimestamp64Nano({time_to:Int64})
    AND (Time, Rank, ItemId) > ({after_time:Int64}, {after_rank:Int64}, {after_id:String})
    AND (empty({span_ids:Array(String)}) OR SpanId IN {span_ids:Array(String)})
    AND (empty({kinds:Array(String)}) OR EventName IN {kinds:Array(String)})
    AND VisibleAt > fromUnixTimestamp64Nano({visible_after:Int64}) AND VisibleAt <= fromUnixTimestamp64Nano({visible_until:Int64})
    AND ({text:String} = '' OR positionCaseInsensitiveUTF8(Body, {text:String}) > 0 OR positionCaseInsensitiveUTF8(EventName, {text:String}) > 0
        OR arrayExists(v -> positionCaseInsensitiveUTF8(v, {text:String}) > 0, mapValues(LogAttributes)))
ORDER BY if({by_visible:UInt8} = 1, VisibleAt, fromUnixTimestamp64Nano(0::Int64)), Timestamp, Rank, ItemId
LIMIT 1 BY ItemId
LIMIT {limit:UInt32}
SETTINGS max_execution_time = 10
