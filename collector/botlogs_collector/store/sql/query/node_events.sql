-- Node actions as their enter and exit events tell them, ended or not; Ended is 0 while one runs. Where a node says
-- several ways, the one of its exit is given, with its reason. Cost: the granules of the traces, of the logs.
SELECT
    TraceId, SpanId,
    any(r.FlowId) AS FlowId, any(r.FlowVersion) AS FlowVersion, any(r.NodeId) AS NodeId, any(r.NodeName) AS NodeName,
    any(r.NodeType) AS NodeType, any(r.TurnIndex) AS TurnIndex, any(r.BotId) AS BotId,
    toUnixTimestamp64Nano(minIf(r.Timestamp, r.EventName = 'bot.node.enter')) AS Started,
    toUnixTimestamp64Nano(maxIf(r.Timestamp, r.EventName = 'bot.node.exit')) AS Ended,
    maxIf(r.LogAttributes['bot.node.outcome'], r.EventName = 'bot.node.exit') AS Outcome,
    argMaxIf(r.LogAttributes['bot.transition.to'], (r.EventName = 'bot.node.exit', r.Timestamp), r.LogAttributes['bot.transition.to'] != '') AS TransitionTo,
    argMaxIf(r.LogAttributes['bot.transition.reason'], (r.EventName = 'bot.node.exit', r.Timestamp), r.LogAttributes['bot.transition.to'] != '') AS TransitionReason
FROM botlogs.otel_logs AS r
WHERE TraceId IN {traces:Array(String)}
    AND ReceivedAt BETWEEN fromUnixTimestamp64Nano({received_from:Int64}) AND fromUnixTimestamp64Nano({received_to:Int64})
    AND EventName IN ('bot.node.enter', 'bot.node.exit', 'bot.node.transition')
    AND (empty({span_ids:Array(String)}) OR SpanId IN {span_ids:Array(String)})
GROUP BY TraceId, SpanId
HAVING countIf(EventName = 'bot.node.enter') > 0 AND Started <= {at:Int64} AND (Ended = 0 OR Ended >= {ended_from:Int64})
ORDER BY Started DESC, SpanId
LIMIT {limit:UInt32}
SETTINGS max_execution_time = 10, max_threads = 1
