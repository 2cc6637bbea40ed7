-- The spans in which something was logged, or that began, at exactly an instant, with the node that each names.
-- Cost: the granules of the traces, of few columns.
SELECT DISTINCT SpanId, NodeId, ScopeName
FROM
(
    SELECT SpanId, toString(NodeId) AS NodeId, ScopeName
    FROM botlogs.otel_logs
    WHERE TraceId IN {traces:Array(String)} AND Timestamp = fromUnixTimestamp64Nano({at:Int64}) AND SpanId != ''
        AND ReceivedAt BETWEEN fromUnixTimestamp64Nano({received_from:Int64}) AND fromUnixTimestamp64Nano({received_to:Int64})
    UNION ALL
    SELECT SpanId, toString(NodeId) AS NodeId, ScopeName
    FROM botlogs.otel_traces
    WHERE TraceId IN {traces:Array(String)}
        AND (Timestamp = fromUnixTimestamp64Nano({at:Int64}) OR has(`Events.Timestamp`, fromUnixTimestamp64Nano({at:Int64})))
        AND NOT (ScopeName = 'otel_botlogs' AND NodeId = '')
        AND ReceivedAt BETWEEN fromUnixTimestamp64Nano({received_from:Int64}) AND fromUnixTimestamp64Nano({received_to:Int64})
)
LIMIT {limit:UInt32}
SETTINGS max_execution_time = 10, max_threads = 1
