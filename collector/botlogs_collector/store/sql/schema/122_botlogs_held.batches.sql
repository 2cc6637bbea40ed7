-- Which held rows a batch of the release engine is about: rows of a trace received in (After, Upto].
-- Written before a receipt says `releasing`, so that a crash can repeat the move to the same result.
CREATE TABLE IF NOT EXISTS botlogs_held.batches
(
    BatchId String,
    ConversationKey String,
    TraceId String,
    After DateTime64(9),
    Upto DateTime64(9),
    VisibleAt DateTime64(9) COMMENT 'what the moved rows will say',
    Weight Float64,
    At DateTime64(9)
)
ENGINE = MergeTree
PARTITION BY toDate(At)
ORDER BY (BatchId, TraceId)
TTL toDateTime(At) + toIntervalSecond({hold_retention_s})
SETTINGS ttl_only_drop_parts = 1;
