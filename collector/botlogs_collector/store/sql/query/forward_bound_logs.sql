-- Where a page of log records for an endpoint ends: the last key of at most so many identities and bytes, in the order
-- (TraceId, Timestamp, LogId) of the tables. Cost: four columns of the page's granules, one of each other part
-- whose rows became visible in the window.
SELECT keys[n].1 AS TraceId, toUnixTimestamp64Nano(keys[n].2) AS Time, toString(keys[n].3) AS Id, n AS Items
FROM
(
    SELECT
        groupArray((TraceId, Timestamp, LogId)) AS keys,
        arrayFirstIndex(sum -> sum > {max_bytes:UInt64}, arrayCumSum(groupArray(Bytes))) AS over,
        multiIf(over = 0, length(keys), over = 1, 1, over - 1) AS n
    FROM
    (
        SELECT TraceId, Timestamp, LogId, Bytes
        FROM botlogs.otel_logs
        WHERE {window}
        ORDER BY TraceId, Timestamp, LogId
        LIMIT 1 BY TraceId, Timestamp, LogId
        LIMIT {max_items:UInt32}
    )
)
WHERE n > 0
SETTINGS max_threads = 1, max_execution_time = 120
