-- One row of facts for each conversation of a batch, from identities: a span sent twice is one span.
-- Cost: reads the batch's traces from the hold, nothing else. The two lists of conditions are compiled
-- from the policies (store/conditions.py).
WITH members AS
(
    SELECT ConversationKey, TraceId, After, Upto FROM botlogs_held.batches WHERE BatchId = {batch_id:String}
)
SELECT *
FROM
(
    SELECT
        ConversationKey,
        count() AS Spans,
        countIf(NodeId != '') AS NodeActions,
        countIf(StatusCode = 'Error') AS SpanErrors,
        sum(Bytes) AS SpanBytes,
        sum(length(`Events.Name`)) AS SpanEvents,
        toUnixTimestamp64Nano(min(Timestamp)) AS FirstSpan,
        toUnixTimestamp64Nano(max(addNanoseconds(Timestamp, Duration))) AS LastSpan,
        groupUniqArrayIf(sipHash64(SpanId, TurnIndex), SpanName = 'turn') AS SpanTurns
        {span_conditions}
    FROM
    (
        SELECT *
        FROM botlogs_held.otel_traces AS span
        INNER JOIN members ON members.TraceId = span.TraceId
        WHERE span.TraceId IN (SELECT TraceId FROM members) AND span.ReceivedAt > members.After AND span.ReceivedAt <= members.Upto
        LIMIT 1 BY span.TraceId, span.SpanId
    )
    GROUP BY ConversationKey
) AS spans
FULL JOIN
(
    SELECT
        ConversationKey,
        count() AS LogEvents,
        countIf(SeverityNumber >= 17) AS LogErrors,
        sum(Bytes) AS LogBytes,
        toUnixTimestamp64Nano(min(Timestamp)) AS FirstLog,
        toUnixTimestamp64Nano(max(Timestamp)) AS LastLog,
        groupUniqArrayIf(sipHash64(if(SpanId = '', toString(LogId), SpanId), TurnIndex), EventName = 'bot.message.user') AS LogTurns
        {log_conditions}
    FROM
    (
        SELECT *
        FROM botlogs_held.otel_logs AS record
        INNER JOIN members ON members.TraceId = record.TraceId
        WHERE record.TraceId IN (SELECT TraceId FROM members) AND record.ReceivedAt > members.After AND record.ReceivedAt <= members.Upto
        LIMIT 1 BY record.TraceId, record.LogId
    )
    GROUP BY ConversationKey
) AS logs USING (ConversationKey)
SETTINGS max_execution_time = 300
