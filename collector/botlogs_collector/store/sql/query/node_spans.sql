-- Node actions that have ended: spans of some traces that cover an instant, or have one of some ids, the
-- innermost first; spans that are no node count where nothing better covers it. Cost: the granules of the traces.
SELECT
    TraceId, SpanId, ParentSpanId,
    FlowId, FlowVersion, NodeId, NodeName, NodeType, TurnIndex, BotId,
    toString(SpanName) AS Name,
    toUnixTimestamp64Nano(Timestamp) AS Started,
    toUnixTimestamp64Nano(Timestamp) + toInt64(Duration) AS Ended,
    toString(StatusCode) AS Status,
    StatusMessage,
    SpanAttributes['bot.node.outcome'] AS Outcome,
    SpanAttributes['bot.transition.to'] AS TransitionTo,
    SpanAttributes['bot.transition.reason'] AS TransitionReason
FROM botlogs.otel_traces
WHERE TraceId IN {traces:Array(String)}
    AND ReceivedAt BETWEEN fromUnixTimestamp64Nano({received_from:Int64}) AND fromUnixTimestamp64Nano({received_to:Int64})
    AND Timestamp <= fromUnixTimestamp64Nano({at:Int64})
    AND Ended >= {ended_from:Int64}
    AND (empty({span_ids:Array(String)}) OR SpanId IN {span_ids:Array(String)})
    AND (empty({parent_ids:Array(String)}) OR ParentSpanId IN {parent_ids:Array(String)})
    AND ({nodes_only:UInt8} = 0 OR NodeId != '')
    AND NOT (ScopeName = 'otel_botlogs' AND NodeId = '')
ORDER BY NodeId != '' DESC, Started DESC, Ended, SpanId
LIMIT 1 BY TraceId, SpanId
LIMIT {limit:UInt32}
SETTINGS max_execution_time = 10, max_threads = 1
