-- Every conversation, now: one line for people with a SQL prompt and for dashboards.
CREATE VIEW IF NOT EXISTS botlogs.conversations AS
SELECT * FROM botlogs.conversation_state(now_ns = toUnixTimestamp64Nano(now64(9)), since = toDate('1970-01-01'), include_live = 1);
