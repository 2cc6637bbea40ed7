-- The readable timestamps next to an instant, before and after it; 0 where there is none.
-- Cost: the granules of the traces, two columns.
SELECT max(Before) AS Earlier, min(After) AS Later
FROM
(
    SELECT
        toUnixTimestamp64Nano(maxIf(Timestamp, Timestamp <= fromUnixTimestamp64Nano({at:Int64}))) AS Before,
        if(countIf(Timestamp > fromUnixTimestamp64Nano({at:Int64})) = 0, 9223372036854775807, toUnixTimestamp64Nano(minIf(Timestamp, Timestamp > fromUnixTimestamp64Nano({at:Int64})))) AS After
    FROM botlogs.otel_logs
    WHERE TraceId IN {traces:Array(String)}
    UNION ALL
    SELECT
        toUnixTimestamp64Nano(maxIf(Timestamp, Timestamp <= fromUnixTimestamp64Nano({at:Int64}))) AS Before,
        if(countIf(Timestamp > fromUnixTimestamp64Nano({at:Int64})) = 0, 9223372036854775807, toUnixTimestamp64Nano(minIf(Timestamp, Timestamp > fromUnixTimestamp64Nano({at:Int64})))) AS After
    FROM botlogs.otel_traces
    WHERE TraceId IN {traces:Array(String)}
)
SETTINGS max_execution_time = 10, max_threads = 1
