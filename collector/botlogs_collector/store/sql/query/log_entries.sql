-- Log records of some traces as timeline entries, in time order. A line that ends with `-- if x` is left out
-- unless x is given: what is not in the text is not planned, and planning is most of the cost. Reads the
-- granules of the traces within the times of arrival and the span of time.
SELECT
    toUnixTimestamp64Nano(Timestamp) AS Time,
    transform(toString(EventName), ['bot.conversation.start', 'bot.conversation.reopen', 'bot.message.user', 'bot.flow.definition', 'bot.flow.start', 'bot.node.enter', 'bot.node.exit', 'bot.node.transition', 'bot.flow.complete', 'bot.conversation.end'], [10, 11, 12, 13, 14, 15, 30, 31, 32, 40], 20) AS Rank,
    LogId AS Id, EventName AS Kind, SeverityText AS Severity, SeverityNumber, TraceId, SpanId,
    FlowId, FlowVersion, NodeId, NodeName, NodeType, TurnIndex,
    Body AS Text, LogAttributes AS Attributes, -- if whole
    LogAttributeTypes AS Types, LogAttributeOriginals AS Originals, BodyType AS TextType, BodyOriginal != '' AS TextNested, -- if whole
    substringUTF8(Body, 1, {max_text:UInt32}) AS Text, -- if keys
    mapApply((k, v) -> (k, substringUTF8(v, 1, {max_text:UInt32})), mapFilter((k, v) -> k IN {keys:Array(String)}, LogAttributes)) AS Attributes, -- if keys
    ServiceName, ScopeName, toUnixTimestamp64Nano(VisibleAt) AS Visible
FROM botlogs.otel_logs
WHERE TraceId IN {traces:Array(String)}
    AND ReceivedAt BETWEEN fromUnixTimestamp64Nano({received_from:Int64}) AND fromUnixTimestamp64Nano({received_to:Int64})
    AND Timestamp >= fromUnixTimestamp64Nano({time_from:Int64}) -- if time_from
    AND Timestamp <= fromUnixTimestamp64Nano({time_to:Int64}) -- if time_to
    AND (Time, Rank, Id) >= ({after_time:Int64}, {after_rank:Int64}, {after_key:UInt64}) -- if after_time
    AND (Time, Rank, Id) < ({before_time:Int64}, {before_rank:Int64}, {before_key:UInt64}) -- if before_time
    AND SpanId IN {span_ids:Array(String)} -- if span_ids
    AND EventName IN {kinds:Array(String)} -- if kinds
    AND LogAttributes['bot.variable.name'] = {variable:String} -- if variable
    AND VisibleAt > fromUnixTimestamp64Nano({visible_after:Int64}) -- if visible_after
    AND VisibleAt <= fromUnixTimestamp64Nano({visible_until:Int64}) -- if visible_until
    AND (positionCaseInsensitiveUTF8(Body, {text:String}) > 0 OR positionCaseInsensitiveUTF8(EventName, {text:String}) > 0 -- if text
        OR arrayExists(v -> positionCaseInsensitiveUTF8(v, {text:String}) > 0, mapValues(LogAttributes))) -- if text
ORDER BY VisibleAt, Timestamp, Rank, Id -- if by_visible
ORDER BY Timestamp, Rank, Id -- if by_time
ORDER BY Timestamp DESC, Rank DESC, Id DESC -- if newest_first
LIMIT 1 BY Id
LIMIT {limit:UInt32}
SETTINGS max_execution_time = 10, max_threads = 1
