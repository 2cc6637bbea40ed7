-- Exact counts of readable traces: identities, not rows, so that what was sent twice counts once.
-- Cost: the granules of the traces on their days of arrival, of few columns.
SELECT
    TraceId,
    uniqExactIf(Identity, Kind = 'span') AS Spans,
    uniqExactIf(NodeSpan, NodeSpan != '') AS NodeActions,
    uniqExactIf(Identity, Kind = 'log') + sumIf(Events, Kind = 'span') AS LogEvents,
    uniqExactIf((Kind, Identity), IsError) AS Errors
FROM
(
    SELECT 'span' AS Kind, TraceId, SpanId AS Identity, if(NodeId != '', SpanId, '') AS NodeSpan, StatusCode = 'Error' AS IsError, length(`Events.Name`) AS Events
    FROM botlogs.otel_traces
    WHERE TraceId IN {traces:Array(String)}
        AND ReceivedAt BETWEEN fromUnixTimestamp64Nano({received_from:Int64}) AND fromUnixTimestamp64Nano({received_to:Int64})
    LIMIT 1 BY TraceId, SpanId
    UNION ALL
    SELECT 'log' AS Kind, TraceId, toString(LogId) AS Identity, if(EventName = 'bot.node.enter', SpanId, '') AS NodeSpan, SeverityNumber >= 17 AS IsError, 0 AS Events
    FROM botlogs.otel_logs
    WHERE TraceId IN {traces:Array(String)}
        AND ReceivedAt BETWEEN fromUnixTimestamp64Nano({received_from:Int64}) AND fromUnixTimestamp64Nano({received_to:Int64})
)
GROUP BY TraceId
SETTINGS max_execution_time = 10, max_threads = 1
