-- Makes the root span of each trace of a batch that has spans and no root, neither in the batch nor among what
-- readers have of earlier episodes. Its id is the parent that the earliest turn (else the earliest span) names and
-- that never came, so that those hang below it; a repeat makes the same. Cost: three columns of the
-- batch's held spans; more only of those without a root.
INSERT INTO botlogs.made_roots
    (Timestamp, TraceId, SpanId, TraceState, SpanName, SpanKind, ServiceName, ResourceAttributes, ScopeName, SpanAttributes,
     Duration, StatusCode, TraceFlags, ResourceSchemaUrl, ResourceAttributeTypes, ResourceAttributeOriginals, SpanAttributeTypes,
     DroppedCounts, ReceivedAt, VisibleAt, Weight, EnvironmentGiven, Environment, Live, ConversationId, BotId, Channel, UserId)
SELECT
    min(held.Timestamp), held.TraceId, argMin(held.ParentSpanId, (held.SpanName != 'turn', held.Timestamp, held.SpanId)),
    argMin(held.TraceState, held.Timestamp), 'conversation', 'Internal', argMin(held.ServiceName, held.Timestamp),
    argMin(held.ResourceAttributes, held.Timestamp), 'botlogs_collector',
    map('botlogs.root.synthesized', 'true', 'gen_ai.conversation.id', max(held.ConversationId), 'bot.id', max(held.BotId)),
    max(toUnixTimestamp64Nano(held.Timestamp) + held.Duration) - min(toUnixTimestamp64Nano(held.Timestamp)), 'Unset',
    argMin(held.TraceFlags, held.Timestamp), argMin(held.ResourceSchemaUrl, held.Timestamp),
    argMin(held.ResourceAttributeTypes, held.Timestamp), argMin(held.ResourceAttributeOriginals, held.Timestamp),
    ['bool_value', 'string_value', 'string_value'], [0, 0, 0, argMin(held.DroppedCounts[4], held.Timestamp), 0],
    max(held.ReceivedAt), any(batch.VisibleAt), toFloat32(any(batch.Weight)), max(held.EnvironmentGiven), max(held.Environment), false,
    max(held.ConversationId), max(held.BotId), max(held.Channel), max(held.UserId)
FROM botlogs_held.otel_traces AS held
INNER JOIN
(
    SELECT TraceId, After, Upto, VisibleAt, Weight FROM botlogs_held.batches WHERE BatchId = {batch_id:String} AND ConversationKey IN {keys:Array(String)}
) AS batch ON batch.TraceId = held.TraceId
WHERE held.TraceId IN
    (
        SELECT span.TraceId
        FROM botlogs_held.otel_traces AS span
        INNER JOIN (SELECT TraceId, After, Upto FROM botlogs_held.batches WHERE BatchId = {batch_id:String} AND ConversationKey IN {keys:Array(String)}) AS part ON part.TraceId = span.TraceId
        WHERE span.TraceId IN (SELECT TraceId FROM botlogs_held.batches WHERE BatchId = {batch_id:String} AND ConversationKey IN {keys:Array(String)})
            AND span.ReceivedAt > part.After AND span.ReceivedAt <= part.Upto
        GROUP BY span.TraceId
        HAVING countIf(span.ParentSpanId = '') = 0
    )
    AND held.TraceId NOT IN
    (
        SELECT TraceId FROM merge('botlogs', '^(otel_traces|made_roots)$')
        WHERE TraceId IN (SELECT TraceId FROM botlogs_held.batches WHERE BatchId = {batch_id:String} AND ConversationKey IN {keys:Array(String)} AND toUnixTimestamp64Nano(After) > 0)
            AND ParentSpanId = ''
            AND VisibleAt < (SELECT min(VisibleAt) FROM botlogs_held.batches WHERE BatchId = {batch_id:String} AND ConversationKey IN {keys:Array(String)})
    )
    AND held.ReceivedAt > batch.After AND held.ReceivedAt <= batch.Upto
GROUP BY held.TraceId
HAVING max(held.ConversationId) != ''
ORDER BY held.TraceId
SETTINGS max_execution_time = 300
