-- All log records of the traces of a small conversation as they lie there, in no order, doubles too: what log_entries
-- makes of them is made in Python, since planning that takes longer than reading them. `-- if` as in log_entries.
-- Cost: the granules of the traces.
SELECT
    Timestamp AS Time, LogId AS Id, EventName AS Kind, TraceId, SpanId,
    FlowId, FlowVersion, NodeId, NodeName, NodeType, TurnIndex, LogAttributes AS Attributes, ScopeName,
    SeverityText AS Severity, SeverityNumber, Body AS Text, ServiceName, VisibleAt AS Visible, -- if entries
    LogAttributeTypes AS Types, LogAttributeOriginals AS Originals, BodyType AS TextType, BodyOriginal != '' AS TextNested, -- if whole
    BotId
FROM botlogs.otel_logs
PREWHERE TraceId IN {traces:Array(String)}
WHERE ReceivedAt BETWEEN fromUnixTimestamp64Nano({received_from:Int64}) AND fromUnixTimestamp64Nano({received_to:Int64})
    AND Timestamp >= fromUnixTimestamp64Nano({time_from:Int64}) -- if time_from
    AND Timestamp <= fromUnixTimestamp64Nano({time_to:Int64}) -- if time_to
    AND SpanId IN {span_ids:Array(String)} -- if span_ids
    AND EventName IN {kinds:Array(String)} -- if kinds
LIMIT {limit:UInt32}
SETTINGS max_execution_time = 10, max_threads = 1, optimize_move_to_prewhere = 0
