-- Where a page of spans for an endpoint ends: the last key of at most so many identities and bytes, in the order
-- (TraceId, Timestamp, SpanId) of the tables. Cost: four columns of the page's granules, one of each other part
-- whose rows became visible in the window.
SELECT keys[n].1 AS TraceId, toUnixTimestamp64Nano(keys[n].2) AS Time, keys[n].3 AS Id, n AS Items, weighted AS Weighted, made AS Made
FROM
(
    SELECT
        max(Weight) > 1 AS weighted,
        max(Made) AS made,
        groupArray((TraceId, Timestamp, SpanId)) AS keys,
        arrayFirstIndex(sum -> sum > {max_bytes:UInt64}, arrayCumSum(groupArray(Bytes))) AS over,
        multiIf(over = 0, length(keys), over = 1, 1, over - 1) AS n
    FROM
    (
        SELECT *
        FROM
        (
            SELECT TraceId, Timestamp, SpanId, Bytes, Weight, false AS Made
            FROM botlogs.otel_traces
            WHERE {window}
            ORDER BY TraceId, Timestamp, SpanId
            LIMIT 1 BY TraceId, Timestamp, SpanId
            LIMIT {max_items:UInt32}
            UNION ALL
            SELECT TraceId, Timestamp, SpanId, Bytes, Weight, true AS Made
            FROM botlogs.made_roots
            WHERE {window}
            ORDER BY TraceId, Timestamp, SpanId
            LIMIT 1 BY TraceId, Timestamp, SpanId
            LIMIT {max_items:UInt32}
        )
        ORDER BY TraceId, Timestamp, SpanId
        LIMIT 1 BY TraceId, Timestamp, SpanId
        LIMIT {max_items:UInt32}
    )
)
WHERE n > 0
SETTINGS max_threads = 1, max_execution_time = 120
