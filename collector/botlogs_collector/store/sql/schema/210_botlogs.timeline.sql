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
ARRAY JOIN arrayZip(`Events.Timestamp`, `Events.Name`, `Events.Attributes`) AS event
COMMENT 'What happened, one row a log record, span event or span, of everything that may be read; filter by TraceId, ORDER BY Timestamp';
ALTER TABLE botlogs.timeline COMMENT COLUMN Timestamp 'by the sender, nanoseconds';
ALTER TABLE botlogs.timeline COMMENT COLUMN Kind 'event name of a log record or span event; log: a record without one; span';
ALTER TABLE botlogs.timeline COMMENT COLUMN Environment 'by the configuration, aliases resolved';
ALTER TABLE botlogs.timeline COMMENT COLUMN BotId 'bot.id';
ALTER TABLE botlogs.timeline COMMENT COLUMN ConversationId 'as the bot named it; empty: it came without';
ALTER TABLE botlogs.timeline COMMENT COLUMN TraceId 'which conversation: see TraceIds of conversations';
ALTER TABLE botlogs.timeline COMMENT COLUMN SpanId 'the node action or other span that wrote it';
ALTER TABLE botlogs.timeline COMMENT COLUMN TurnIndex 'from 1; -1: outside of turns';
ALTER TABLE botlogs.timeline COMMENT COLUMN FlowId 'of the node';
ALTER TABLE botlogs.timeline COMMENT COLUMN FlowVersion 'that ran';
ALTER TABLE botlogs.timeline COMMENT COLUMN NodeId 'that wrote it; empty: no node did';
ALTER TABLE botlogs.timeline COMMENT COLUMN NodeName 'as authored';
ALTER TABLE botlogs.timeline COMMENT COLUMN NodeType 'as authored';
ALTER TABLE botlogs.timeline COMMENT COLUMN Severity 'as sent; of spans and span events ERROR or INFO';
ALTER TABLE botlogs.timeline COMMENT COLUMN Body 'what was logged; of a span its name and error';
ALTER TABLE botlogs.timeline COMMENT COLUMN Attributes 'everything else, as text';
ALTER TABLE botlogs.timeline COMMENT COLUMN Duration 'of a span, ns';
ALTER TABLE botlogs.timeline COMMENT COLUMN LogKey 'stable id of a log record, 16 hex digits: log_id in the API';
ALTER TABLE botlogs.timeline COMMENT COLUMN VisibleAt 'when readers could first see it';
