-- Which node followed which in readable conversations between two instants, within one flow. Cost: the days of
-- arrival, of the columns named, and one sorted array a trace.
SELECT Origin, Target, count() AS Times
FROM
(
    SELECT
        arrayMap(v -> v.3, arraySort(groupArray((Started, SpanId, NodeId)))) AS Visits,
        arrayJoin(arrayZip(arrayPopBack(Visits), arrayPopFront(Visits))) AS Step,
        Step.1 AS Origin,
        Step.2 AS Target
    FROM
    (
        SELECT TraceId, SpanId, min(n.Started) AS Started, any(n.NodeId) AS NodeId
        FROM
        (
            SELECT TraceId, SpanId, toString(NodeId) AS NodeId, Timestamp AS Started
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
            SELECT TraceId, SpanId, toString(NodeId) AS NodeId, Timestamp AS Started
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
    GROUP BY TraceId
)
GROUP BY Origin, Target
ORDER BY Times DESC, Origin, Target
LIMIT 5000
SETTINGS max_execution_time = 10
