-- What was logged at a timestamp, and in which node: SELECT * FROM botlogs.log_at(conversation = 'conv-42',
-- ts = '2026-01-31 12:00:00.123456789'). The conversation is a conversation id or a trace id, the timestamp exact
-- and UTC. Cost: the granules of the conversation.
CREATE VIEW IF NOT EXISTS botlogs.log_at AS
SELECT Timestamp, Kind, Severity, Body, Attributes, FlowId, NodeId, NodeName, NodeType, TurnIndex, TraceId, SpanId, LogKey
FROM botlogs.timeline
WHERE TraceId IN (
        SELECT TraceId FROM botlogs.trace_state
        WHERE TraceId = {conversation:String} OR ConversationId = {conversation:String})
    AND Timestamp = {ts:DateTime64(9)}
COMMENT 'What was logged at a timestamp, in which node: SELECT * FROM botlogs.log_at(conversation = \'conv-42\', ts = \'2026-01-31 12:00:00.123456789\'); conversation or trace id, exact UTC time';
