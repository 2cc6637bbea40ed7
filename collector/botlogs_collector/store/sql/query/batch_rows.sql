-- How many rows of some batches can be read. Cost: their granules.
SELECT count() AS Rows FROM botlogs_held.batches WHERE BatchId IN {batch_ids:Array(String)}
