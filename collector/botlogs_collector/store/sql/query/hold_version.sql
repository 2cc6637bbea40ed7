-- A value that changes whenever something happened that may make a conversation due at another time: rows arrived, a
-- receipt was written, an environment or a channel changed. Cost: 4 ms, and four columns of the hold's trace_state.
SELECT toString((
    (SELECT (max(s.LastReceivedAt), sum(s.Spans), sum(s.LogEvents)) FROM botlogs.trace_state AS s WHERE s.Day >= {since:Date} AND NOT s.Live),
    (SELECT (max(Version), count()) FROM botlogs.receipts),
    (SELECT (max(Version), count()) FROM botlogs.environments),
    (SELECT (max(Version), count()) FROM botlogs.channels)
)) AS HoldVersion
