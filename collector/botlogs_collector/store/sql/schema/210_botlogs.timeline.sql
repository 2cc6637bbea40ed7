-- What happened, one row a log record, span event or span, of everything that may be read; ORDER BY Timestamp.
-- Spans of the plugin are left out, its log events tell the same. Each thing once, however often it was sent.
-- Cost: filter by TraceId or it reads everything; a conversation's traces are in botlogs.conversations.
CREATE VIEW IF NOT EXISTS botlogs.timeline AS
SELECT
    Timestamp,
    if(EventName = '', 'log', toString(EventName)) AS Kind,
    Environment, BotId, ConversationId, TraceId, SpanId, TurnIndex,
    FlowId, FlowVersion, NodeId, NodeName, NodeType,
    toString(SeverityText) AS Severity,
    Body,
    LogAttributes AS Attributes,
    toUInt64(0) AS Duration,
    leftPad(lower(hex(LogId)), 16, '0') AS LogKey,
    VisibleAt
FROM botlogs.otel_logs FINAL
UNION ALL
SELECT
    Timestamp,
    'span' AS Kind,
    Environment, BotId, ConversationId, TraceId, SpanId, TurnIndex,
    FlowId, FlowVersion, NodeId, NodeName, NodeType,
    if(StatusCode = 'Error', 'ERROR', 'INFO') AS Severity,
    if(StatusMessage = '', toString(SpanName), concat(SpanName, ': ', StatusMessage)) AS Body,
    SpanAttributes AS Attributes,
    Duration,
    '' AS LogKey,
    VisibleAt
FROM botlogs.otel_traces FINAL
WHERE ScopeName != 'otel_botlogs'
UNION ALL
SELECT
    event.1 AS Timestamp,
    toString(event.2) AS Kind,
    Environment, BotId, ConversationId, TraceId, SpanId, TurnIndex,
    FlowId, FlowVersion, NodeId, NodeName, NodeType,
    if(Kind = 'exception', 'ERROR', 'INFO') AS Severity,
    event.3['exception.message'] AS Body,
    CAST(event.3, 'Map(LowCardinality(String), String)') AS Attributes,
    toUInt64(0) AS Duration,
    '' AS LogKey,
    VisibleAt
FROM botlogs.otel_traces FINAL
ARRAY JOIN arrayZip(`Events.Timestamp`, `Events.Name`, `Events.Attributes`) AS event;
