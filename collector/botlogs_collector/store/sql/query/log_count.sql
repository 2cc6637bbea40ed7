-- How many log records of some traces are of a kind, each counted once. `-- if` as in log_entries. Cost: the granules of
-- the traces, of few columns.
SELECT uniqExact(LogId) AS Records
FROM botlogs.otel_logs
WHERE TraceId IN {traces:Array(String)}
    AND ReceivedAt BETWEEN fromUnixTimestamp64Nano({received_from:Int64}) AND fromUnixTimestamp64Nano({received_to:Int64})
    AND EventName IN {kinds:Array(String)} -- if kinds
    AND LogAttributes['bot.variable.name'] = {variable:String} -- if variable
SETTINGS max_execution_time = 10, max_threads = 1
