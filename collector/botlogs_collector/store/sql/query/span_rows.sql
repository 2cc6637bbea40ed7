-- All spans of the traces of a small conversation as they lie there, in no order, doubles too: what span_entries and
-- node_spans make of them is made in Python, since planning that takes longer than reading them. `-- if` as in
-- log_entries. Cost: the granules of the traces.
SELECT
    Timestamp AS Time, TraceId, SpanId, StatusCode, StatusMessage,
    FlowId, FlowVersion, NodeId, NodeName, NodeType, TurnIndex, SpanAttributes AS Attributes, ScopeName,
    SpanName AS Text, Duration,
    ServiceName, VisibleAt AS Visible, -- if entries
    SpanAttributeTypes AS Types, SpanAttributeOriginals AS Originals, -- if whole
    ParentSpanId, -- if actions
    has(`Events.Timestamp`, fromUnixTimestamp64Nano({at:Int64})) AS HasEventAt, -- if at
    BotId
FROM botlogs.otel_traces
PREWHERE TraceId IN {traces:Array(String)}
WHERE ReceivedAt BETWEEN fromUnixTimestamp64Nano({received_from:Int64}) AND fromUnixTimestamp64Nano({received_to:Int64})
    AND Timestamp >= fromUnixTimestamp64Nano({time_from:Int64}) -- if time_from
    AND Timestamp <= fromUnixTimestamp64Nano({time_to:Int64}) -- if time_to
    AND SpanId IN {span_ids:Array(String)} -- if span_ids
LIMIT {limit:UInt32}
SETTINGS max_execution_time = 10, max_threads = 1, optimize_move_to_prewhere = 0
