-- How many routes the nodes of a cluster lack, those that can be reached. Cost: a few rows of each.
SELECT
    (SELECT count() FROM clusterAllReplicas({cluster:String}, system.one)) * length({names:Array(String)})
        - countIf(has(arrayZip({names:Array(String)}, {environments:Array(String)}, {live:Array(Bool)}), (Name, Environment, Live))) AS Missing
FROM clusterAllReplicas({cluster:String}, botlogs.routes)
SETTINGS skip_unavailable_shards = 1
