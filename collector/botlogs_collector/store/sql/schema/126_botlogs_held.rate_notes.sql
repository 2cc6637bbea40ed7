-- What a batch of the release engine is about to spend of rates, written before its receipts. It counts once a receipt
-- of the batch is there, and is folded into rate_state next; a row older than that table's newest says nothing any more.
CREATE TABLE IF NOT EXISTS botlogs_held.rate_notes
(
    BatchId String,
    Name String,
    Level Float64,
    At Int64 COMMENT 'Unix ns',
    KeepUntil Int64 COMMENT 'as in rate_state',
    Version UInt64,
    WrittenAt DateTime DEFAULT now()
)
ENGINE = MergeTree
ORDER BY (Version, Name)
TTL WrittenAt + INTERVAL 7 DAY;
