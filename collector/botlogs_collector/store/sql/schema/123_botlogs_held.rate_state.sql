-- What rate-limited policies have spent, for all collectors together (sample/rates.py).
CREATE TABLE IF NOT EXISTS botlogs_held.rate_state
(
    Name String,
    Level Float64,
    At Int64 COMMENT 'Unix ns',
    KeepUntil Int64 COMMENT 'Unix ns; after it the row says nothing that its absence does not say',
    Version UInt64,
    WrittenAt DateTime DEFAULT now() COMMENT 'no rate looks back further than a day'
)
ENGINE = ReplacingMergeTree(Version)
ORDER BY Name
TTL WrittenAt + INTERVAL 7 DAY;
