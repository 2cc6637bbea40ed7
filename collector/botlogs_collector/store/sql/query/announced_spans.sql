-- Which of some spans a log event announced. Cost: the granules of the traces, of few columns.
SELECT DISTINCT SpanId
FROM botlogs.otel_logs
WHERE TraceId IN {traces:Array(String)} AND EventName = 'bot.node.enter' AND SpanId IN {span_ids:Array(String)}
    AND ReceivedAt BETWEEN fromUnixTimestamp64Nano({received_from:Int64}) AND fromUnixTimestamp64Nano({received_to:Int64})
SETTINGS max_execution_time = 10, max_threads = 1
