-- All conversations with activity since a day, at an instant (see conversation_state_of). The release engine asks
-- it what is due (include_live = 0). Cost: one pass over trace_state.
CREATE VIEW IF NOT EXISTS botlogs.conversation_state AS
SELECT *
FROM botlogs.conversation_state_of(now_ns = {now_ns:Int64}, since = {since:Date}, include_live = {include_live:UInt8}, traces = [], keys = [])
COMMENT 'How all conversations with activity since a day stand at an instant, content-free: conversation_state(now_ns, since, include_live)';
