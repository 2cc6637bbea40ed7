-- Span events of some traces as timeline entries, in time order after a position. Parameters as of log_entries.
-- Cost: the granules of the traces; an event may lie anywhere in its span, so that time does not prune.
SELECT
    toUnixTimestamp64Nano(`Events.Timestamp`[event]) AS Time,
    20::Int64 AS Rank,
    concat('e', leftPad(lower(hex(sipHash64(TraceId, SpanId, event, Time, Kind))), 16, '0')) AS ItemId,
    toString(`Events.Name`[event]) AS Kind,
    if(Kind = 'exception', 'ERROR', 'INFO') AS Severity,
    if(Kind = 'exception', 17, 9) AS SeverityNumber,
    TraceId,
    SpanId,
    FlowId, FlowVersion, NodeId, NodeName, NodeType, TurnIndex,
    `Events.Attributes`[event]['exception.message'] AS Text,
    'string_value' AS TextType,
    false AS TextNested,
    if(empty({keys:Array(String)}), `Events.Attributes`[event], mapFilter((k, v) -> has({keys:Array(String)}, k), `Events.Attributes`[event])) AS Attributes,
    mapKeys(Attributes) AS Keys,
    arrayMap(v -> if({max_text:UInt32} = 0, v, substringUTF8(v, 1, {max_text:UInt32})), mapValues(Attributes)) AS Values,
    if(empty({keys:Array(String)}), EventAttributeTypes[event], []) AS Types,
    if(empty({keys:Array(String)}), arrayMap(o -> o != '', EventAttributeOriginals[event]), []) AS Nested,
    toUInt64(0) AS Duration,
    '' AS Status,
    ServiceName,
    ScopeName,
    toUnixTimestamp64Nano(VisibleAt) AS Visible
FROM botlogs.otel_traces
ARRAY JOIN arrayEnumerate(`Events.Name`) AS event
WHERE TraceId IN {traces:Array(String)}
    AND ReceivedAt BETWEEN fromUnixTimestamp64Nano({received_from:Int64}) AND fromUnixTimestamp64Nano({received_to:Int64})
    AND Time BETWEEN {time_from:Int64} AND {time_to:Int64}
    AND (Time, Rank, ItemId) > ({after_time:Int64}, {after_rank:Int64}, {after_id:String})
    AND (empty({span_ids:Array(String)}) OR SpanId IN {span_ids:Array(String)})
    AND (empty({kinds:Array(String)}) OR Kind IN {kinds:Array(String)})
    AND VisibleAt > fromUnixTimestamp64Nano({visible_after:Int64}) AND VisibleAt <= fromUnixTimestamp64Nano({visible_until:Int64})
    AND ({text:String} = '' OR positionCaseInsensitiveUTF8(Kind, {text:String}) > 0
        OR arrayExists(v -> positionCaseInsensitiveUTF8(v, {text:String}) > 0, mapValues(`Events.Attributes`[event])))
ORDER BY if({by_visible:UInt8} = 1, VisibleAt, fromUnixTimestamp64Nano(0::Int64)), Time, Rank, ItemId
LIMIT 1 BY ItemId
LIMIT {limit:UInt32}
SETTINGS max_execution_time = 10
