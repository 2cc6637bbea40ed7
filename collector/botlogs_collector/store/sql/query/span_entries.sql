-- Spans of some traces that no log event announced, as timeline entries, in time order after a position: a
-- program without the plugin has nothing else. Parameters as of log_entries. Cost: the granules of the traces,
-- of the logs too.
SELECT
    toUnixTimestamp64Nano(Timestamp) AS Time,
    15::Int64 AS Rank,
    concat('s', TraceId, SpanId) AS ItemId,
    'span' AS Kind,
    if(StatusCode = 'Error', 'ERROR', 'INFO') AS Severity,
    if(StatusCode = 'Error', 17, 9) AS SeverityNumber,
    TraceId,
    SpanId,
    FlowId, FlowVersion, NodeId, NodeName, NodeType, TurnIndex,
    toString(SpanName) AS Text,
    'string_value' AS TextType,
    false AS TextNested,
    if(empty({keys:Array(String)}), SpanAttributes, mapFilter((k, v) -> has({keys:Array(String)}, k), SpanAttributes)) AS Attributes,
    mapKeys(Attributes) AS Keys,
    arrayMap(v -> if({max_text:UInt32} = 0, v, substringUTF8(v, 1, {max_text:UInt32})), mapValues(Attributes)) AS Values,
    if(empty({keys:Array(String)}), SpanAttributeTypes, []) AS Types,
    if(empty({keys:Array(String)}), arrayMap(o -> o != '', SpanAttributeOriginals), []) AS Nested,
    Duration,
    if(StatusCode = 'Error' AND StatusMessage != '', StatusMessage, toString(StatusCode)) AS Status,
    ServiceName,
    ScopeName,
    toUnixTimestamp64Nano(VisibleAt) AS Visible
FROM botlogs.otel_traces
WHERE TraceId IN {traces:Array(String)}
    AND ReceivedAt BETWEEN fromUnixTimestamp64Nano({received_from:Int64}) AND fromUnixTimestamp64Nano({received_to:Int64})
    AND Timestamp BETWEEN fromUnixTimestamp64Nano({time_from:Int64}) AND fromUnixTimestamp64Nano({time_to:Int64})
    AND (Time, Rank, ItemId) > ({after_time:Int64}, {after_rank:Int64}, {after_id:String})
    AND (empty({span_ids:Array(String)}) OR SpanId IN {span_ids:Array(String)})
    AND VisibleAt > fromUnixTimestamp64Nano({visible_after:Int64}) AND VisibleAt <= fromUnixTimestamp64Nano({visible_until:Int64})
    AND ({text:String} = '' OR positionCaseInsensitiveUTF8(SpanName, {text:String}) > 0
        OR arrayExists(v -> positionCaseInsensitiveUTF8(v, {text:String}) > 0, mapValues(SpanAttributes)))
    AND NOT (ScopeName = 'otel_botlogs' AND NodeId = '')
    AND SpanId NOT IN (
        SELECT SpanId FROM botlogs.otel_logs
        WHERE TraceId IN {traces:Array(String)} AND EventName = 'bot.node.enter'
            AND ReceivedAt BETWEEN fromUnixTimestamp64Nano({received_from:Int64}) AND fromUnixTimestamp64Nano({received_to:Int64}))
ORDER BY if({by_visible:UInt8} = 1, VisibleAt, fromUnixTimestamp64Nano(0::Int64)), Timestamp, Rank, ItemId
LIMIT 1 BY ItemId
LIMIT {limit:UInt32}
SETTINGS max_execution_time = 10
