-- What readable conversations did at each node of a flow between two instants: visits are node actions, whether
-- their span has come or only their enter event. Cost: the days of arrival, of the columns named.
SELECT
    NodeId,
    any(NodeName) AS Name,
    any(NodeType) AS Type,
    count() AS Visits,
    uniqExact(TraceId) AS Conversations,
    countIf(Failed) AS Errors,
    countIf(Started = LastStarted) AS EndedHere,
    toUInt64(ifNotFinite(quantileIf(0.5)(Duration, Duration > 0), 0)) AS MedianDuration
FROM
(
    SELECT *, max(Started) OVER (PARTITION BY TraceId) AS LastStarted
    FROM
    (
        SELECT
            TraceId, SpanId,
            any(n.NodeId) AS NodeId, any(n.NodeName) AS NodeName, any(n.NodeType) AS NodeType,
            min(n.Started) AS Started, max(n.Failed) AS Failed, max(n.Duration) AS Duration
        FROM
        (
            SELECT TraceId, SpanId, NodeId, NodeName, NodeType, Timestamp AS Started, StatusCode = 'Error' AS Failed, Duration
            FROM botlogs.otel_traces
            WHERE FlowId = {flow:String} AND NodeId != ''
                AND ({version:String} = '' OR FlowVersion = {version:String})
                AND ({bot:String} = '' OR BotId = {bot:String})
                AND ({environment:String} = '' OR Environment = {environment:String})
                AND (empty({bots:Array(String)}) OR BotId IN {bots:Array(String)})
                AND ({live:Int8} < 0 OR Environment IN (SELECT Environment FROM botlogs.environments FINAL WHERE Live = {live:Int8} AND {live:Int8} >= 0))
                AND Timestamp BETWEEN fromUnixTimestamp64Nano({time_from:Int64}) AND fromUnixTimestamp64Nano({time_to:Int64})
                AND ReceivedAt >= fromUnixTimestamp64Nano({time_from:Int64}) - toIntervalDay(1)
            UNION ALL
            SELECT TraceId, SpanId, NodeId, NodeName, NodeType, Timestamp AS Started, false AS Failed, 0 AS Duration
            FROM botlogs.otel_logs
            WHERE FlowId = {flow:String} AND EventName = 'bot.node.enter'
                AND ({version:String} = '' OR FlowVersion = {version:String})
                AND ({bot:String} = '' OR BotId = {bot:String})
                AND ({environment:String} = '' OR Environment = {environment:String})
                AND (empty({bots:Array(String)}) OR BotId IN {bots:Array(String)})
                AND ({live:Int8} < 0 OR Environment IN (SELECT Environment FROM botlogs.environments FINAL WHERE Live = {live:Int8} AND {live:Int8} >= 0))
                AND Timestamp BETWEEN fromUnixTimestamp64Nano({time_from:Int64}) AND fromUnixTimestamp64Nano({time_to:Int64})
                AND ReceivedAt >= fromUnixTimestamp64Nano({time_from:Int64}) - toIntervalDay(1)
        ) AS n
        GROUP BY TraceId, SpanId
    )
)
GROUP BY NodeId
ORDER BY Visits DESC, NodeId
LIMIT 5000
SETTINGS max_execution_time = 10
