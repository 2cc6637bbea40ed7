-- Whether any span of some traces has an event; most have none. Cost: one column of the traces' granules.
SELECT 1 AS Yes
FROM botlogs.otel_traces
WHERE TraceId IN {traces:Array(String)}
    AND ReceivedAt BETWEEN fromUnixTimestamp64Nano({received_from:Int64}) AND fromUnixTimestamp64Nano({received_to:Int64})
    AND notEmpty(`Events.Name`)
LIMIT 1
SETTINGS max_execution_time = 10
