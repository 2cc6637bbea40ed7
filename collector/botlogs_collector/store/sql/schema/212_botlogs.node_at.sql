-- Which node was at work at an instant: SELECT * FROM botlogs.node_at(conversation = 'conv-42',
-- ts = '2026-01-31 12:00:00.123456789'). The innermost of those that had been entered and not left; EndedAt is
-- NULL while it runs. Cost: the granules of the conversation.
CREATE VIEW IF NOT EXISTS botlogs.node_at AS
SELECT NodeId, NodeName, NodeType, FlowId, FlowVersion, TurnIndex, StartedAt, nullIf(LeftAt, toDateTime64(0, 9)) AS EndedAt, TraceId, SpanId
FROM
(
    SELECT
        TraceId, SpanId,
        any(n.NodeId) AS NodeId, any(n.NodeName) AS NodeName, any(n.NodeType) AS NodeType,
        any(n.FlowId) AS FlowId, any(n.FlowVersion) AS FlowVersion, any(n.TurnIndex) AS TurnIndex,
        min(n.StartedAt) AS StartedAt,
        max(n.LeftAt) AS LeftAt
    FROM
    (
        SELECT TraceId, SpanId, NodeId, NodeName, NodeType, FlowId, FlowVersion, TurnIndex, Timestamp AS StartedAt, addNanoseconds(Timestamp, Duration) AS LeftAt
        FROM botlogs.otel_traces
        WHERE NodeId != '' AND TraceId IN (
            SELECT TraceId FROM botlogs.trace_state
            WHERE TraceId = {conversation:String} OR ConversationId = {conversation:String})
        UNION ALL
        SELECT TraceId, SpanId, NodeId, NodeName, NodeType, FlowId, FlowVersion, TurnIndex, Timestamp AS StartedAt, if(EventName = 'bot.node.exit', Timestamp, toDateTime64(0, 9)) AS LeftAt
        FROM botlogs.otel_logs
        WHERE EventName IN ('bot.node.enter', 'bot.node.exit') AND TraceId IN (
            SELECT TraceId FROM botlogs.trace_state
            WHERE TraceId = {conversation:String} OR ConversationId = {conversation:String})
    ) AS n
    GROUP BY TraceId, SpanId
)
WHERE StartedAt <= {ts:DateTime64(9)} AND (LeftAt = toDateTime64(0, 9) OR LeftAt >= {ts:DateTime64(9)})
ORDER BY StartedAt DESC, LeftAt
LIMIT 1
COMMENT 'Which node was at work at an instant: SELECT * FROM botlogs.node_at(conversation = \'conv-42\', ts = \'2026-01-31 12:00:00.123456789\'); EndedAt is NULL while it runs';
