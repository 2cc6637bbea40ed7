-- The node actions of some traces in the order in which they began, by their spans or their enter events alike, and how
-- many there are in all. `-- if` as in log_entries. Cost: the granules of the traces, of few columns.
SELECT SpanId, Started, Total
FROM
(
    SELECT SpanId, if(countIf(IsSpan) > 0, minIf(Time, IsSpan), min(Time)) AS Started, count() OVER () AS Total
    FROM
    (
        SELECT SpanId, toUnixTimestamp64Nano(Timestamp) AS Time, true AS IsSpan
        FROM botlogs.otel_traces
        WHERE TraceId IN {traces:Array(String)} AND NodeId != ''
            AND ReceivedAt BETWEEN fromUnixTimestamp64Nano({received_from:Int64}) AND fromUnixTimestamp64Nano({received_to:Int64})
            AND NodeId = {node:String} -- if node
            AND FlowId = {flow:String} -- if flow
        UNION ALL
        SELECT SpanId, toUnixTimestamp64Nano(Timestamp) AS Time, false AS IsSpan
        FROM botlogs.otel_logs
        WHERE TraceId IN {traces:Array(String)} AND EventName = 'bot.node.enter'
            AND ReceivedAt BETWEEN fromUnixTimestamp64Nano({received_from:Int64}) AND fromUnixTimestamp64Nano({received_to:Int64})
            AND NodeId = {node:String} -- if node
            AND FlowId = {flow:String} -- if flow
    )
    GROUP BY SpanId
)
WHERE (Started, SpanId) > ({after_time:Int64}, {after_span:String}) -- if after_span
ORDER BY Started, SpanId
LIMIT {limit:UInt32}
SETTINGS max_execution_time = 10, max_threads = 1
