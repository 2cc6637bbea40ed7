-- Conversations by their last activity, newest first, within a window of arrival; a last activity within the
-- window is exact whatever lies outside it. Counts and names are not: the page is read again by its traces.
-- A line that ends with `-- if x` is left out unless x is given: what is not in the text is not planned.
-- Cost: the days of the window, of trace_state; with `text` or `tag`, also of the released logs.
WITH
    fromUnixTimestamp64Nano({window_from:Int64}) AS window_from,
    fromUnixTimestamp64Nano({window_to:Int64}) AS window_to
SELECT
    groupUniqArray(t.TraceId) AS TraceIds,
    t.ConversationId AS ConversationId,
    toUnixTimestamp64Nano(max(t.LastReceivedAt)) AS LastReceived,
    if(t.ConversationId = '', any(t.TraceId), lower(hex(sipHash128(t.Environment, t.BotId, t.ConversationId)))) AS Tie
FROM
(
    SELECT
        TraceId,
        max(s.Live) AS Live,
        argMax(s.Environment, s.Live) AS Environment,
        max(s.ConversationId) AS ConversationId,
        max(s.BotId) AS BotId,
        max(s.Channel) AS Channel,
        max(s.UserId) AS UserId,
        max(s.LastReceivedAt) AS LastReceivedAt
    FROM botlogs.trace_state AS s
    WHERE s.Day BETWEEN toDate(window_from) AND toDate(window_to)
        AND s.LastReceivedAt >= window_from AND s.LastReceivedAt <= window_to
        AND s.Environment = {environment:String} -- if environment
    GROUP BY TraceId
) AS t
GROUP BY t.Environment, t.BotId, t.ConversationId, if(t.ConversationId = '', t.TraceId, '')
HAVING (max(t.LastReceivedAt), Tie) < (fromUnixTimestamp64Nano({before:Int64}), {before_tie:String})
    AND max(t.BotId) = {bot:String} -- if bot
    AND max(t.BotId) IN {bots:Array(String)} -- if bots
    AND max(t.Channel) = {channel:String} -- if channel
    AND max(t.Live) = {live:Int8} -- if live
    AND max(t.UserId = {user:String}) -- if user
    AND {has_error:Int8} = max(t.TraceId IN (SELECT TraceId FROM botlogs.trace_state WHERE Errors > 0 AND Day >= toDate(window_from) - 2)) -- if has_error
    AND max(t.TraceId IN (SELECT TraceId FROM botlogs.trace_state WHERE has(FlowIds, {flow:String}) AND Day >= toDate(window_from) - 2)) -- if flow
    AND max(t.TraceId IN (SELECT TraceId FROM botlogs.trace_state WHERE has(NodeIds, {node:String}) AND Day >= toDate(window_from) - 2)) -- if node
    AND max(t.TraceId IN (SELECT TraceId FROM botlogs.otel_logs WHERE EventName = {tag:String} AND toDate(ReceivedAt) >= toDate(window_from) - 2)) -- if tag
    AND (ConversationId = {text:String} OR max(t.TraceId = {text:String}) OR max(t.UserId = {text:String}) -- if text
        OR max(t.TraceId IN ( -- if in_content
        SELECT TraceId FROM botlogs.otel_logs -- if in_content
        WHERE toDate(ReceivedAt) >= toDate(window_from) - 2 -- if in_content
            AND (positionCaseInsensitiveUTF8(Body, {text:String}) > 0 -- if in_content
                OR arrayExists(v -> positionCaseInsensitiveUTF8(v, {text:String}) > 0, mapValues(LogAttributes))))) -- if in_content
    ) -- if text
ORDER BY LastReceived DESC, Tie DESC
LIMIT {limit:UInt32}
SETTINGS max_execution_time = 10
