-- Copies the held log records of a batch to the readers. Ordered and with a deduplication token, so that
-- a repeat after a crash adds nothing; what was written twice all the same collapses by identity.
INSERT INTO botlogs.otel_logs
SELECT held.* REPLACE (batch.VisibleAt AS VisibleAt, toFloat32(batch.Weight) AS Weight)
FROM botlogs_held.otel_logs AS held
INNER JOIN
(
    SELECT TraceId, After, Upto, VisibleAt, Weight FROM botlogs_held.batches WHERE BatchId = {batch_id:String} AND ConversationKey IN {keys:Array(String)}
) AS batch ON batch.TraceId = held.TraceId
WHERE held.TraceId IN (SELECT TraceId FROM botlogs_held.batches WHERE BatchId = {batch_id:String} AND ConversationKey IN {keys:Array(String)})
    AND held.ReceivedAt > batch.After AND held.ReceivedAt <= batch.Upto
ORDER BY held.TraceId, held.Timestamp, held.LogId
LIMIT 1 BY held.TraceId, held.Timestamp, held.LogId
SETTINGS max_execution_time = 300
