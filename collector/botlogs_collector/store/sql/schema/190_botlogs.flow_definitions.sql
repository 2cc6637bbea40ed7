-- Collects flow definitions from log records as they become readable, never from held ones.
CREATE MATERIALIZED VIEW IF NOT EXISTS botlogs.flow_definitions TO botlogs.flows AS
SELECT FlowId, FlowVersion, BotId, Environment, Body AS Definition, LogAttributes['bot.flow.learned'] = 'true' AS Learned, VisibleAt AS SeenAt
FROM botlogs.otel_logs
WHERE EventName = 'bot.flow.definition';
