-- Node actions as their enter and exit events tell them, ended or not; Ended is 0 while one runs. `-- if` as in
-- log_entries. What the events say comes as it is: looking for each attribute here takes longer to plan than all else.
-- Cost: the granules of the traces, of the logs.
SELECT
    TraceId, SpanId,
    any(r.FlowId) AS FlowId, any(r.FlowVersion) AS FlowVersion, any(r.NodeId) AS NodeId, any(r.NodeName) AS NodeName,
    any(r.NodeType) AS NodeType, any(r.TurnIndex) AS TurnIndex, any(r.BotId) AS BotId,
    toUnixTimestamp64Nano(minIf(r.Timestamp, r.EventName = 'bot.node.enter')) AS Started,
    toUnixTimestamp64Nano(maxIf(r.Timestamp, r.EventName = 'bot.node.exit')) AS Ended,
    groupArray((
        r.EventName = 'bot.node.exit',
        toUnixTimestamp64Nano(r.Timestamp),
        mapFilter((k, v) -> k IN ('bot.node.outcome', 'bot.transition.to', 'bot.transition.reason'), r.LogAttributes))) AS Said
FROM botlogs.otel_logs AS r
WHERE TraceId IN {traces:Array(String)}
    AND ReceivedAt BETWEEN fromUnixTimestamp64Nano({received_from:Int64}) AND fromUnixTimestamp64Nano({received_to:Int64})
    AND EventName IN ('bot.node.enter', 'bot.node.exit', 'bot.node.transition')
    AND SpanId IN {span_ids:Array(String)} -- if span_ids
GROUP BY TraceId, SpanId
HAVING countIf(EventName = 'bot.node.enter') > 0
    AND Started <= {at:Int64} AND (Ended = 0 OR Ended >= {at:Int64}) -- if at
ORDER BY Started DESC, SpanId
LIMIT {limit:UInt32}
SETTINGS max_execution_time = 10, max_threads = 1
