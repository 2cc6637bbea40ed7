-- Makes the totals of some hours exact: adds the difference between what the rows of those hours say, each identity once
-- and in the hour in which it came first, and what was counted on arrival, where a retry counts again. Nothing is written
-- where nothing came twice, and a second time nothing at all. One hour before is looked at too, for what came in both.
-- Cost: a few columns of those hours' rows, 0.25 us of CPU a span; what looks for identities goes in the order of the
-- tables, so that memory does not grow with them.
INSERT INTO botlogs.totals (Hour, Environment, BotId, FlowId, NodeId, EventName, Spans, LogEvents, Errors, Duration, Bytes)
SELECT
    Hour, Environment, BotId, FlowId, NodeId, EventName,
    sum(Spans) AS spans, sum(LogEvents) AS log_events, sum(Errors) AS errors, sum(Duration) AS duration, sum(Bytes) AS bytes
FROM
(
    SELECT
        toStartOfHour(toDateTime(row.ReceivedAt)) AS Hour, row.Environment AS Environment, row.BotId AS BotId, row.FlowId AS FlowId, row.NodeId AS NodeId, '' AS EventName,
        toInt64(count()) AS Spans, toInt64(0) AS LogEvents, toInt64(countIf(row.StatusCode = 'Error')) AS Errors, toInt64(sum(row.Duration)) AS Duration, toInt64(sum(row.Bytes)) AS Bytes
    FROM botlogs_held.otel_traces AS row
    WHERE row.ReceivedAt >= toDateTime64({from_s:Int64}, 9) AND row.ReceivedAt < toDateTime64({upto_s:Int64}, 9)
    GROUP BY Hour, Environment, BotId, FlowId, NodeId, EventName
    UNION ALL
    SELECT toStartOfHour(toDateTime(ReceivedAt)), Environment, BotId, FlowId, NodeId, EventName, -1, toInt64(0), -toInt64(IsError), -toInt64(Duration), -toInt64(Bytes)
    FROM
    (
        SELECT
            row.ReceivedAt AS ReceivedAt, row.Environment AS Environment, row.BotId AS BotId, row.FlowId AS FlowId, row.NodeId AS NodeId, '' AS EventName, row.StatusCode = 'Error' AS IsError, row.Duration AS Duration, row.Bytes AS Bytes,
            row_number() OVER (PARTITION BY row.TraceId, row.Timestamp, row.SpanId ORDER BY row.ReceivedAt) AS nth
        FROM botlogs_held.otel_traces AS row
        WHERE row.ReceivedAt >= toDateTime64({from_s:Int64} - 3600, 9) AND row.ReceivedAt < toDateTime64({upto_s:Int64}, 9)
            AND (row.TraceId, row.Timestamp) IN
            (
                SELECT TraceId, Timestamp
                FROM botlogs_held.otel_traces AS row
                WHERE row.ReceivedAt >= toDateTime64({from_s:Int64} - 3600, 9) AND row.ReceivedAt < toDateTime64({upto_s:Int64}, 9)
                GROUP BY TraceId, Timestamp
                HAVING count() > 1
            )
    )
    WHERE nth > 1 AND ReceivedAt >= toDateTime64({from_s:Int64}, 9)
    UNION ALL
    SELECT
        toStartOfHour(toDateTime(row.ReceivedAt)) AS Hour, row.Environment AS Environment, row.BotId AS BotId, row.FlowId AS FlowId, row.NodeId AS NodeId, '' AS EventName,
        toInt64(count()) AS Spans, toInt64(0) AS LogEvents, toInt64(countIf(row.StatusCode = 'Error')) AS Errors, toInt64(sum(row.Duration)) AS Duration, toInt64(sum(row.Bytes)) AS Bytes
    FROM botlogs.otel_traces AS row
    WHERE row.ReceivedAt >= toDateTime64({from_s:Int64}, 9) AND row.ReceivedAt < toDateTime64({upto_s:Int64}, 9) AND row.Live
    GROUP BY Hour, Environment, BotId, FlowId, NodeId, EventName
    UNION ALL
    SELECT toStartOfHour(toDateTime(ReceivedAt)), Environment, BotId, FlowId, NodeId, EventName, -1, toInt64(0), -toInt64(IsError), -toInt64(Duration), -toInt64(Bytes)
    FROM
    (
        SELECT
            row.ReceivedAt AS ReceivedAt, row.Environment AS Environment, row.BotId AS BotId, row.FlowId AS FlowId, row.NodeId AS NodeId, '' AS EventName, row.StatusCode = 'Error' AS IsError, row.Duration AS Duration, row.Bytes AS Bytes,
            row_number() OVER (PARTITION BY row.TraceId, row.Timestamp, row.SpanId ORDER BY row.ReceivedAt) AS nth
        FROM botlogs.otel_traces AS row
        WHERE row.ReceivedAt >= toDateTime64({from_s:Int64} - 3600, 9) AND row.ReceivedAt < toDateTime64({upto_s:Int64}, 9) AND row.Live
            AND (row.TraceId, row.Timestamp) IN
            (
                SELECT TraceId, Timestamp
                FROM botlogs.otel_traces AS row
                WHERE row.ReceivedAt >= toDateTime64({from_s:Int64} - 3600, 9) AND row.ReceivedAt < toDateTime64({upto_s:Int64}, 9) AND row.Live
                GROUP BY TraceId, Timestamp
                HAVING count() > 1
            )
    )
    WHERE nth > 1 AND ReceivedAt >= toDateTime64({from_s:Int64}, 9)
    UNION ALL
    SELECT
        toStartOfHour(toDateTime(row.ReceivedAt)) AS Hour, row.Environment AS Environment, row.BotId AS BotId, row.FlowId AS FlowId, row.NodeId AS NodeId, row.EventName AS EventName,
        toInt64(0) AS Spans, toInt64(count()) AS LogEvents, toInt64(countIf(row.SeverityNumber >= 17)) AS Errors, toInt64(0) AS Duration, toInt64(sum(row.Bytes)) AS Bytes
    FROM botlogs_held.otel_logs AS row
    WHERE row.ReceivedAt >= toDateTime64({from_s:Int64}, 9) AND row.ReceivedAt < toDateTime64({upto_s:Int64}, 9)
    GROUP BY Hour, Environment, BotId, FlowId, NodeId, EventName
    UNION ALL
    SELECT toStartOfHour(toDateTime(ReceivedAt)), Environment, BotId, FlowId, NodeId, EventName, toInt64(0), -1, -toInt64(IsError), toInt64(0), -toInt64(Bytes)
    FROM
    (
        SELECT
            row.ReceivedAt AS ReceivedAt, row.Environment AS Environment, row.BotId AS BotId, row.FlowId AS FlowId, row.NodeId AS NodeId, row.EventName AS EventName, row.SeverityNumber >= 17 AS IsError, row.Bytes AS Bytes,
            row_number() OVER (PARTITION BY row.TraceId, row.Timestamp, row.LogId ORDER BY row.ReceivedAt) AS nth
        FROM botlogs_held.otel_logs AS row
        WHERE row.ReceivedAt >= toDateTime64({from_s:Int64} - 3600, 9) AND row.ReceivedAt < toDateTime64({upto_s:Int64}, 9)
            AND (row.TraceId, row.Timestamp) IN
            (
                SELECT TraceId, Timestamp
                FROM botlogs_held.otel_logs AS row
                WHERE row.ReceivedAt >= toDateTime64({from_s:Int64} - 3600, 9) AND row.ReceivedAt < toDateTime64({upto_s:Int64}, 9)
                GROUP BY TraceId, Timestamp
                HAVING count() > 1
            )
    )
    WHERE nth > 1 AND ReceivedAt >= toDateTime64({from_s:Int64}, 9)
    UNION ALL
    SELECT
        toStartOfHour(toDateTime(row.ReceivedAt)) AS Hour, row.Environment AS Environment, row.BotId AS BotId, row.FlowId AS FlowId, row.NodeId AS NodeId, row.EventName AS EventName,
        toInt64(0) AS Spans, toInt64(count()) AS LogEvents, toInt64(countIf(row.SeverityNumber >= 17)) AS Errors, toInt64(0) AS Duration, toInt64(sum(row.Bytes)) AS Bytes
    FROM botlogs.otel_logs AS row
    WHERE row.ReceivedAt >= toDateTime64({from_s:Int64}, 9) AND row.ReceivedAt < toDateTime64({upto_s:Int64}, 9) AND row.Live
    GROUP BY Hour, Environment, BotId, FlowId, NodeId, EventName
    UNION ALL
    SELECT toStartOfHour(toDateTime(ReceivedAt)), Environment, BotId, FlowId, NodeId, EventName, toInt64(0), -1, -toInt64(IsError), toInt64(0), -toInt64(Bytes)
    FROM
    (
        SELECT
            row.ReceivedAt AS ReceivedAt, row.Environment AS Environment, row.BotId AS BotId, row.FlowId AS FlowId, row.NodeId AS NodeId, row.EventName AS EventName, row.SeverityNumber >= 17 AS IsError, row.Bytes AS Bytes,
            row_number() OVER (PARTITION BY row.TraceId, row.Timestamp, row.LogId ORDER BY row.ReceivedAt) AS nth
        FROM botlogs.otel_logs AS row
        WHERE row.ReceivedAt >= toDateTime64({from_s:Int64} - 3600, 9) AND row.ReceivedAt < toDateTime64({upto_s:Int64}, 9) AND row.Live
            AND (row.TraceId, row.Timestamp) IN
            (
                SELECT TraceId, Timestamp
                FROM botlogs.otel_logs AS row
                WHERE row.ReceivedAt >= toDateTime64({from_s:Int64} - 3600, 9) AND row.ReceivedAt < toDateTime64({upto_s:Int64}, 9) AND row.Live
                GROUP BY TraceId, Timestamp
                HAVING count() > 1
            )
    )
    WHERE nth > 1 AND ReceivedAt >= toDateTime64({from_s:Int64}, 9)
    UNION ALL
    SELECT
        Hour, Environment, BotId, FlowId, NodeId, EventName, -toInt64(Spans), -toInt64(LogEvents), -toInt64(Errors), -toInt64(Duration), -toInt64(Bytes)
    FROM botlogs.totals
    WHERE Hour >= toDateTime({from_s:Int64}) AND Hour < toDateTime({upto_s:Int64})
)
GROUP BY Hour, Environment, BotId, FlowId, NodeId, EventName
HAVING spans != 0 OR log_events != 0 OR errors != 0 OR duration != 0 OR bytes != 0
SETTINGS max_threads = 1, optimize_aggregation_in_order = 1, aggregation_in_order_max_block_bytes = 1000000, max_block_size = 8192
