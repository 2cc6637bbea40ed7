-- What a store of an older schema version held when it was upgraded: live, held and released rows, and all that was said of them.
INSERT INTO botlogs.environments (Name, Environment, ReleaseDelay, IdleTimeout, MaxAge, Live, Version) VALUES
    ('', 'production', 900000000000, 1800000000000, 86400000000000, 0, 1),
    ('production', 'production', 900000000000, 1800000000000, 86400000000000, 0, 1),
    ('dev', 'sandbox', 0, 1800000000000, 86400000000000, 1, 1),
    ('sandbox', 'sandbox', 0, 1800000000000, 86400000000000, 1, 1);

INSERT INTO botlogs.channels (Channel, IdleTimeout, MaxAge, Version) VALUES ('voice', 120000000000, 0, 1);

INSERT INTO botlogs_ingest.otel_traces (Timestamp, TraceId, SpanId, SpanName, ResourceAttributes, SpanAttributes, `Events.Timestamp`, `Events.Name`, `Events.Attributes`)
SELECT now64(9), leftPad(lower(hex(number)), 32, '0'), leftPad(lower(hex(number + 1)), 16, '0'), 'node',
    map('deployment.environment.name', if(number % 2, 'dev', 'production')),
    map('gen_ai.conversation.id', concat('conv-', toString(number)), 'bot.id', 'support', 'bot.turn.index', '3', 'bot.node.id', 'ask'),
    [now64(9)], ['exception'], [map('exception.message', 'timeout')]
FROM numbers(20);

INSERT INTO botlogs_ingest.otel_logs (Timestamp, TraceId, SpanId, SeverityNumber, Body, EventName, ResourceAttributes, LogAttributes)
SELECT now64(9), leftPad(lower(hex(number)), 32, '0'), leftPad(lower(hex(number + 1)), 16, '0'), 9, 'hello',
    if(number = 1, 'bot.flow.definition', 'bot.message.user'),
    map('deployment.environment.name', if(number % 2, 'sandbox', '')),
    map('gen_ai.conversation.id', concat('conv-', toString(number)), 'bot.flow.id', 'order', 'bot.flow.version', 'v1')
FROM numbers(20);

INSERT INTO botlogs_held.batches VALUES ('batch', 'key', '00000000000000000000000000000002', now64(9), now64(9), now64(9), 1, now64(9));

INSERT INTO botlogs_held.rate_state (Name, Level, At, KeepUntil, Version) VALUES ('rate', 3.5, 1, 9000000000000000000, 1);

INSERT INTO botlogs.receipts (ConversationKey, Episode, Status, BatchId, ConversationId, TraceIds, StartedAt, Decision, DecidedBy, Votes, Spans, DecidedAt, Version) VALUES
    ('key', 1, 'released', 'batch', 'conv-2', ['00000000000000000000000000000002'], now64(9), 'keep', 'errors', '[{"policy": "errors", "vote": "sample"}]', 1, now64(9), 1),
    ('other', 1, 'dropped', 'batch', 'conv-4', ['00000000000000000000000000000004'], now64(9), 'drop', 'rest', '[]', 1, now64(9), 1);

INSERT INTO botlogs.grants VALUES ('grant', 'support', '', 'user', '', '', now64(9), now64(9), 'a complaint', 'ann', '', 1);

INSERT INTO botlogs.audit VALUES (now64(9), 'grant', 'ann', 'grant', 'a complaint', '{}');
