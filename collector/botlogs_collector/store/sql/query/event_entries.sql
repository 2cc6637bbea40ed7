-- Span events of some traces as timeline entries, in time order. `-- if` as in log_entries. Reads the granules of
-- the traces; an event may lie anywhere in its span, so that time does not prune.
SELECT
    toUnixTimestamp64Nano(`Events.Timestamp`[event]) AS Time,
    sipHash64(TraceId, SpanId, event, Time, `Events.Name`[event]) AS Id,
    `Events.Name`[event] AS Kind, TraceId, SpanId,
    FlowId, FlowVersion, NodeId, NodeName, NodeType, TurnIndex,
    `Events.Attributes`[event] AS Attributes, EventAttributeTypes[event] AS Types, EventAttributeOriginals[event] AS Originals, -- if whole
    mapApply((k, v) -> (k, substringUTF8(v, 1, {max_text:UInt32})), mapFilter((k, v) -> k IN {keys:Array(String)}, `Events.Attributes`[event])) AS Attributes, -- if keys
    ServiceName, ScopeName, toUnixTimestamp64Nano(VisibleAt) AS Visible
FROM botlogs.otel_traces
ARRAY JOIN arrayEnumerate(`Events.Name`) AS event
WHERE TraceId IN {traces:Array(String)}
    AND ReceivedAt BETWEEN fromUnixTimestamp64Nano({received_from:Int64}) AND fromUnixTimestamp64Nano({received_to:Int64})
    AND Time >= {time_from:Int64} -- if time_from
    AND Time <= {time_to:Int64} -- if time_to
    AND (Time, Id) >= ({after_time:Int64}, {after_key:UInt64}) -- if after_time
    AND (Time, Id) < ({before_time:Int64}, {before_key:UInt64}) -- if before_time
    AND SpanId IN {span_ids:Array(String)} -- if span_ids
    AND Kind IN {kinds:Array(String)} -- if kinds
    AND VisibleAt > fromUnixTimestamp64Nano({visible_after:Int64}) -- if visible_after
    AND VisibleAt <= fromUnixTimestamp64Nano({visible_until:Int64}) -- if visible_until
    AND (positionCaseInsensitiveUTF8(Kind, {text:String}) > 0 -- if text
        OR arrayExists(v -> positionCaseInsensitiveUTF8(v, {text:String}) > 0, mapValues(`Events.Attributes`[event]))) -- if text
ORDER BY VisibleAt, Time, Id -- if by_visible
ORDER BY Time, Id -- if by_time
ORDER BY Time DESC, Id DESC -- if newest_first
LIMIT 1 BY Id
LIMIT {limit:UInt32}
SETTINGS max_execution_time = 10, max_threads = 1
