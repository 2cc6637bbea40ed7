-- Every version of a flow that was declared or learned in readable logs, the newest first. Cost: one granule.
SELECT
    FlowId, FlowVersion, BotId, Environment, Definition, Learned,
    toUnixTimestamp64Nano(SeenAt) AS Seen
FROM botlogs.flows FINAL
WHERE FlowId = {flow:String}
    AND ({bot:String} = '' OR BotId = {bot:String})
    AND ({environment:String} = '' OR Environment = {environment:String})
    AND (empty({bots:Array(String)}) OR BotId IN {bots:Array(String)})
    AND ({live:Int8} < 0 OR Environment IN (SELECT Environment FROM botlogs.environments FINAL WHERE Live = {live:Int8} AND {live:Int8} >= 0))
ORDER BY SeenAt DESC, FlowVersion
LIMIT 200
SETTINGS max_execution_time = 5
