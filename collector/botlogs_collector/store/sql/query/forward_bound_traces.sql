-- Where a page of spans for an endpoint ends: the last key of at most so many identities and bytes, in the order
-- (TraceId, Timestamp, SpanId) of the tables. Cost: four columns of the page's granules, one of each other part
-- whose rows became visible in the window.
SELECT keys[n].1 AS TraceId, toUnixTimestamp64Nano(keys[n].2) AS Time, keys[n].3 AS Id, n AS Items, weighted AS Weighted
FROM
(
    SELECT
        max(Weight) > 1 AS weighted,
        groupArray((TraceId, Timestamp, SpanId)) AS keys,
        arrayFirstIndex(sum -> sum > {max_bytes:UInt64}, arrayCumSum(groupArray(Bytes))) AS over,
        multiIf(over = 0, length(keys), over = 1, 1, over - 1) AS n
    FROM
    (
        SELECT TraceId, Timestamp, SpanId, Bytes, Weight
        FROM merge('botlogs', '^(otel_traces|made_roots)$')
        WHERE VisibleAt > fromUnixTimestamp64Nano({from_ns:Int64}) AND VisibleAt <= fromUnixTimestamp64Nano({upto_ns:Int64})
            AND toDate(ReceivedAt) >= {since:Date}
            AND Environment IN {environments:Array(String)} -- if environments
            AND BotId IN {bots:Array(String)} -- if bots
            AND TraceId >= {after_trace:String} -- if after_trace
            AND (TraceId, Timestamp, SpanId) > ({after_trace:String}, fromUnixTimestamp64Nano({after_ns:Int64}), {after_id:String}) -- if after_trace
        ORDER BY TraceId, Timestamp, SpanId
        LIMIT 1 BY TraceId, Timestamp, SpanId
        LIMIT {max_items:UInt32}
    )
)
WHERE n > 0
SETTINGS max_threads = 1, max_execution_time = 120
