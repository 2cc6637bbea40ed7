-- How far an endpoint has got with one signal. Cost: one granule a part of a small table.
SELECT
    toUnixTimestamp64Nano(FromAt) AS FromNs, toUnixTimestamp64Nano(UptoAt) AS UptoNs,
    InWindow, AfterTraceId, toUnixTimestamp64Nano(AfterTimestamp) AS AfterNs, AfterId
FROM botlogs.forward_cursors FINAL
WHERE Endpoint = {endpoint:String} AND Signal = {signal:String}
