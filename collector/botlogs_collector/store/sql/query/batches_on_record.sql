-- Which of some batches have a receipt. Cost: one column of all receipts; asked after a crash alone.
SELECT DISTINCT BatchId FROM botlogs.receipts WHERE BatchId IN {batch_ids:Array(String)}
