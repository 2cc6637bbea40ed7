-- Spans of some traces as timeline entries, in time order: a program without the plugin has nothing else. With
-- `unannounced` those alone that no log event announced, which is a third
-- of the cost. `-- if` as in log_entries. Reads the granules of the traces, of the logs too.
SELECT
    toUnixTimestamp64Nano(Timestamp) AS Time,
    TraceId, SpanId, StatusCode, StatusMessage,
    FlowId, FlowVersion, NodeId, NodeName, NodeType, TurnIndex,
    SpanName AS Text,
    SpanAttributes AS Attributes, SpanAttributeTypes AS Types, SpanAttributeOriginals AS Originals, -- if whole
    mapApply((k, v) -> (k, substringUTF8(v, 1, {max_text:UInt32})), mapFilter((k, v) -> k IN {keys:Array(String)}, SpanAttributes)) AS Attributes, -- if keys
    Duration, ServiceName, ScopeName, toUnixTimestamp64Nano(VisibleAt) AS Visible
FROM botlogs.otel_traces
WHERE TraceId IN {traces:Array(String)}
    AND ReceivedAt BETWEEN fromUnixTimestamp64Nano({received_from:Int64}) AND fromUnixTimestamp64Nano({received_to:Int64})
    AND NOT (ScopeName = 'otel_botlogs' AND NodeId = '')
    AND SpanId NOT IN ( -- if unannounced
        SELECT SpanId FROM botlogs.otel_logs -- if unannounced
        WHERE TraceId IN {traces:Array(String)} AND EventName = 'bot.node.enter' -- if unannounced
            AND ReceivedAt BETWEEN fromUnixTimestamp64Nano({received_from:Int64}) AND fromUnixTimestamp64Nano({received_to:Int64})) -- if unannounced
    AND Timestamp >= fromUnixTimestamp64Nano({time_from:Int64}) -- if time_from
    AND Timestamp <= fromUnixTimestamp64Nano({time_to:Int64}) -- if time_to
    AND (Time, TraceId, SpanId) > ({after_time:Int64}, {after_trace:String}, {after_span:String}) -- if after_time
    AND (Time, TraceId, SpanId) < ({before_time:Int64}, {before_trace:String}, {before_span:String}) -- if before_time
    AND SpanId IN {span_ids:Array(String)} -- if span_ids
    AND VisibleAt > fromUnixTimestamp64Nano({visible_after:Int64}) -- if visible_after
    AND VisibleAt <= fromUnixTimestamp64Nano({visible_until:Int64}) -- if visible_until
    AND (positionCaseInsensitiveUTF8(SpanName, {text:String}) > 0 -- if text
        OR arrayExists(v -> positionCaseInsensitiveUTF8(v, {text:String}) > 0, mapValues(SpanAttributes))) -- if text
ORDER BY VisibleAt, Timestamp, TraceId, SpanId -- if by_visible
ORDER BY Timestamp, TraceId, SpanId -- if by_time
ORDER BY Timestamp DESC, TraceId DESC, SpanId DESC -- if newest_first
LIMIT 1 BY TraceId, SpanId
LIMIT {limit:UInt32}
SETTINGS max_execution_time = 10, max_threads = 1
