-- Node actions that have ended: spans of some traces that cover an instant, or have one of some ids, the
-- innermost first; spans that are no node count where nothing better covers it. `-- if` as in log_entries.
-- Cost: the granules of the traces.
SELECT
    TraceId, SpanId, ParentSpanId,
    FlowId, FlowVersion, NodeId, NodeName, NodeType, TurnIndex, BotId,
    toString(SpanName) AS Name,
    toUnixTimestamp64Nano(Timestamp) AS Started,
    toUnixTimestamp64Nano(Timestamp) + toInt64(Duration) AS Ended,
    toString(StatusCode) AS Status,
    StatusMessage,
    mapFilter((k, v) -> k IN ('bot.node.outcome', 'bot.transition.to', 'bot.transition.reason'), SpanAttributes) AS Attributes
FROM botlogs.otel_traces
WHERE TraceId IN {traces:Array(String)}
    AND ReceivedAt BETWEEN fromUnixTimestamp64Nano({received_from:Int64}) AND fromUnixTimestamp64Nano({received_to:Int64})
    AND Timestamp <= fromUnixTimestamp64Nano({at:Int64}) -- if at
    AND Ended >= {at:Int64} -- if at
    AND SpanId IN {span_ids:Array(String)} -- if span_ids
    AND ParentSpanId IN {parent_ids:Array(String)} -- if parent_ids
    AND NodeId != '' -- if nodes_only
    AND NOT (ScopeName = 'otel_botlogs' AND NodeId = '')
ORDER BY NodeId != '' DESC, Started DESC, Ended, SpanId
LIMIT 1 BY TraceId, SpanId
LIMIT {limit:UInt32}
SETTINGS max_execution_time = 10, max_threads = 1
