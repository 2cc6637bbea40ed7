-- Every version of a flow that was declared or learned in readable logs, the newest first. Cost: one granule.
SELECT
    FlowId, FlowVersion, BotId, Environment, Definition, Learned,
    toUnixTimestamp64Nano(SeenAt) AS Seen
FROM botlogs.flows FINAL
WHERE FlowId = {flow:String}
    AND ({bot:String} = '' OR BotId = {bot:String})
    AND ({environment:String} = '' OR Environment = {environment:String})
ORDER BY SeenAt DESC, FlowVersion
LIMIT 200
SETTINGS max_execution_time = 5
