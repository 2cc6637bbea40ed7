-- Conversations with activity since a day, at an instant: their counts as received, their newest receipt, when
-- they ended and by which rule, when they are readable, and their state. Content-free. A conversation is one real
-- id within a bot and environment, or else one trace. Empty `traces` and `keys`: all; else both must be given, all
-- traces of the conversations and their keys. Cost: one pass over trace_state, or over the granules of the traces.
CREATE VIEW IF NOT EXISTS botlogs.conversation_state_of AS
WITH
    toInt64(30000000000) AS stragglers, -- ns: spans still arriving after an end mark do not resume the conversation
    toUnixTimestamp64Nano(LastReceivedAt) AS last_received,
    toUnixTimestamp64Nano(EndReceivedAt) AS end_received,
    toUnixTimestamp64Nano(receipt.Watermark) AS watermark,
    greatest(toUnixTimestamp64Nano(FirstReceivedAt), watermark) + toInt64(if(channel_age > 0, channel_age, environment_age)) AS age_end,
    end_received > watermark AND last_received <= end_received + stragglers AS signalled,
    if(signalled, end_received, last_received + toInt64(if(channel_idle > 0, channel_idle, environment_idle))) AS quiet_end
SELECT
    c.*,
    receipt.Episode AS ReceiptEpisode,
    receipt.Status AS ReceiptStatus,
    receipt.Decision AS ReceiptDecision,
    receipt.DecidedBy AS ReceiptDecidedBy,
    toUnixTimestamp64Nano(receipt_last) AS ReceiptLastUnixNano,
    watermark AS Watermark,
    receipt.Episode > 0 AND last_received <= watermark AS Settled,
    multiIf(Live, if(quiet_end <= {now_ns:Int64}, quiet_end, 0), Settled, toUnixTimestamp64Nano(receipt.EndedAt), least(quiet_end, age_end)) AS EndedUnixNano,
    multiIf(Live, if(quiet_end <= {now_ns:Int64}, if(signalled, 'signal', 'idle'), ''), Settled, toString(receipt.EndRule), quiet_end > age_end, 'max_age', signalled, 'signal', 'idle') AS EndRule,
    multiIf(Live, 0, Settled, toUnixTimestamp64Nano(receipt.AvailableAt), EndedUnixNano + toInt64(release_delay)) AS AvailableUnixNano,
    multiIf(
        Live, 'live',
        receipt.Status IN ('released', 'restored'), toString(receipt.Status),
        Settled AND receipt.Status = 'dropped', 'dropped',
        Settled OR EndedUnixNano <= {now_ns:Int64}, 'held',
        'ongoing') AS State
FROM
(
    SELECT
        if(t.ConversationId = '', t.TraceId, lower(hex(sipHash128(t.Environment, t.BotId, t.ConversationId)))) AS ConversationKey,
        any(t.ConversationId) AS ConversationId,
        any(t.Environment) AS Environment,
        any(t.BotId) AS BotId,
        max(t.Live) AS Live,
        groupArray(t.TraceId) AS TraceIds,
        argMin(t.TraceId, (t.FirstReceivedAt, t.TraceId)) AS TraceId,
        max(t.EnvironmentGiven) AS EnvironmentGiven,
        max(t.ServiceName) AS ServiceName,
        max(t.Channel) AS Channel,
        max(t.UserId) AS UserId,
        min(t.FirstTimestamp) AS FirstTimestamp,
        max(t.LastTimestamp) AS LastTimestamp,
        min(t.FirstReceivedAt) AS FirstReceivedAt,
        max(t.LastReceivedAt) AS LastReceivedAt,
        max(t.EndReceivedAt) AS EndReceivedAt,
        sum(t.Spans) AS Spans,
        sum(t.NodeActions) AS NodeActions,
        sum(t.LogEvents) AS LogEvents,
        sum(t.Errors) AS Errors,
        sum(t.Bytes) AS Bytes,
        length(groupUniqArrayArray(t.Turns)) AS Turns,
        groupUniqArrayArray(t.FlowIds) AS FlowIds,
        groupUniqArrayArray(t.NodeIds) AS NodeIds
    FROM
    (
        SELECT
            TraceId,
            max(s.Live) AS Live,
            argMax(s.Environment, s.Live) AS Environment,
            max(s.EnvironmentGiven) AS EnvironmentGiven,
            max(s.ConversationId) AS ConversationId,
            max(s.BotId) AS BotId,
            max(s.ServiceName) AS ServiceName,
            max(s.Channel) AS Channel,
            max(s.UserId) AS UserId,
            min(s.FirstTimestamp) AS FirstTimestamp,
            max(s.LastTimestamp) AS LastTimestamp,
            min(s.FirstReceivedAt) AS FirstReceivedAt,
            max(s.LastReceivedAt) AS LastReceivedAt,
            max(s.EndReceivedAt) AS EndReceivedAt,
            sum(s.Spans) AS Spans,
            sum(s.NodeActions) AS NodeActions,
            sum(s.LogEvents) AS LogEvents,
            sum(s.Errors) AS Errors,
            sum(s.Bytes) AS Bytes,
            groupUniqArrayArray(s.Turns) AS Turns,
            groupUniqArrayArray(s.FlowIds) AS FlowIds,
            groupUniqArrayArray(s.NodeIds) AS NodeIds
        FROM botlogs.trace_state AS s
        WHERE s.Day >= {since:Date} AND s.Live <= {include_live:UInt8}
            AND (empty({traces:Array(String)}) OR s.TraceId IN {traces:Array(String)})
        GROUP BY s.TraceId
    ) AS t
    GROUP BY ConversationKey
) AS c
LEFT ANY JOIN
(
    SELECT Name, ReleaseDelay AS release_delay, IdleTimeout AS environment_idle, MaxAge AS environment_age
    FROM botlogs.environments FINAL
) AS e ON e.Name = c.Environment
LEFT ANY JOIN
(
    SELECT Channel AS channel_name, IdleTimeout AS channel_idle, MaxAge AS channel_age
    FROM botlogs.channels FINAL
) AS ch ON ch.channel_name = c.Channel
LEFT ANY JOIN
(
    SELECT ConversationKey AS receipt_key, Episode, Status, Decision, DecidedBy, Watermark, LastTimestamp AS receipt_last, EndedAt, EndRule, AvailableAt
    FROM botlogs.receipts FINAL
    WHERE empty({keys:Array(String)}) OR ConversationKey IN {keys:Array(String)}
    ORDER BY Episode DESC
    LIMIT 1 BY receipt_key
) AS receipt ON receipt.receipt_key = c.ConversationKey
COMMENT 'How some conversations stand at an instant, content-free: conversation_state_of(now_ns, since, include_live, traces, keys); empty traces and keys mean all';
