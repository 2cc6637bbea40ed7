-- Every conversation, now: one line for people with a SQL prompt and for dashboards.
CREATE VIEW IF NOT EXISTS botlogs.conversations AS
SELECT * FROM botlogs.conversation_state(now_ns = toUnixTimestamp64Nano(now64(9)), since = toDate('1970-01-01'), include_live = 1)
COMMENT 'Every conversation with its state, counts and receipt, now, held and dropped ones too; content-free';
ALTER TABLE botlogs.conversations COMMENT COLUMN ConversationKey 'identity: a hash of environment, bot and conversation id, or the trace id of one without';
ALTER TABLE botlogs.conversations COMMENT COLUMN ConversationId 'as the bot named it; empty: it came without';
ALTER TABLE botlogs.conversations COMMENT COLUMN Environment 'by the configuration, aliases resolved; an unknown one counts as the default';
ALTER TABLE botlogs.conversations COMMENT COLUMN BotId 'bot.id';
ALTER TABLE botlogs.conversations COMMENT COLUMN Live '1: its environment has no release delay, it is readable at once';
ALTER TABLE botlogs.conversations COMMENT COLUMN TraceIds 'all of its traces: filter timeline, otel_traces and otel_logs by them';
ALTER TABLE botlogs.conversations COMMENT COLUMN TraceId 'the first of them';
ALTER TABLE botlogs.conversations COMMENT COLUMN EnvironmentGiven 'as the sender wrote it; empty: it came without';
ALTER TABLE botlogs.conversations COMMENT COLUMN ServiceName 'service.name';
ALTER TABLE botlogs.conversations COMMENT COLUMN Channel 'bot.channel';
ALTER TABLE botlogs.conversations COMMENT COLUMN UserId 'user.id, hashed by the plugin unless configured otherwise';
ALTER TABLE botlogs.conversations COMMENT COLUMN FirstTimestamp 'when it began, by the senders clocks';
ALTER TABLE botlogs.conversations COMMENT COLUMN LastTimestamp 'its last activity, by the senders clocks';
ALTER TABLE botlogs.conversations COMMENT COLUMN FirstReceivedAt 'arrival of its first row';
ALTER TABLE botlogs.conversations COMMENT COLUMN LastReceivedAt 'arrival of its last row';
ALTER TABLE botlogs.conversations COMMENT COLUMN EndReceivedAt 'arrival of its newest end mark; 1970: none';
ALTER TABLE botlogs.conversations COMMENT COLUMN Spans 'as received: a span that was sent twice counts twice';
ALTER TABLE botlogs.conversations COMMENT COLUMN NodeActions 'as received: node actions, by their spans';
ALTER TABLE botlogs.conversations COMMENT COLUMN LogEvents 'as received: log records and span events';
ALTER TABLE botlogs.conversations COMMENT COLUMN Errors 'as received: failed spans, and log records of severity ERROR and above';
ALTER TABLE botlogs.conversations COMMENT COLUMN Bytes 'as stored on arrival';
ALTER TABLE botlogs.conversations COMMENT COLUMN Turns 'user messages with all that the bot did because of each';
ALTER TABLE botlogs.conversations COMMENT COLUMN FlowIds 'flows that it went through';
ALTER TABLE botlogs.conversations COMMENT COLUMN NodeIds 'nodes that it went through';
ALTER TABLE botlogs.conversations COMMENT COLUMN ReceiptEpisode 'number of the newest receipt, from 1; 0: none yet';
ALTER TABLE botlogs.conversations COMMENT COLUMN ReceiptStatus 'releasing, released, dropped, restoring or restored';
ALTER TABLE botlogs.conversations COMMENT COLUMN ReceiptDecision 'keep or drop';
ALTER TABLE botlogs.conversations COMMENT COLUMN ReceiptDecidedBy 'the policy or rule that decided';
ALTER TABLE botlogs.conversations COMMENT COLUMN ReceiptLastUnixNano 'last activity that the newest receipt is about, Unix ns';
ALTER TABLE botlogs.conversations COMMENT COLUMN Watermark 'rows received up to this (Unix ns) belong to receipts; 0: none';
ALTER TABLE botlogs.conversations COMMENT COLUMN Settled '1: nothing came after the newest receipt';
ALTER TABLE botlogs.conversations COMMENT COLUMN EndedUnixNano 'when it ended or will unless something comes, Unix ns; 0: it is live and goes on';
ALTER TABLE botlogs.conversations COMMENT COLUMN EndRule 'signal, idle or max_age';
ALTER TABLE botlogs.conversations COMMENT COLUMN AvailableUnixNano 'when its content may be read, Unix ns; 0: it is live';
ALTER TABLE botlogs.conversations COMMENT COLUMN State 'live, ongoing, held, released, dropped or restored';
