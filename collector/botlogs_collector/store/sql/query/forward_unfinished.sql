-- When the rows of moves that were begun and not noted as done became, or will become, visible; 0: there are none.
-- A repeat after a crash writes them with that time. Cost: one column of all receipts, then the batches of those few.
SELECT toUnixTimestamp64Nano(min(VisibleAt)) AS Visible
FROM botlogs_held.batches
WHERE BatchId IN (SELECT BatchId FROM botlogs.receipts FINAL WHERE Status IN ('releasing', 'restoring'))
HAVING count() > 0
