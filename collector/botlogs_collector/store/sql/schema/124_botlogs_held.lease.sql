-- Who may release, or forward to an endpoint, when several collectors share one store: of each name the claim
-- that is alive and oldest. Names: release, forward/ENDPOINT.
CREATE TABLE IF NOT EXISTS botlogs_held.lease
(
    Holder String,
    ClaimedAt DateTime64(9) COMMENT 'of the first claim in a row, by the store''s clock',
    SeenAt DateTime64(9) DEFAULT now64(9),
    ExpiresAt DateTime64(9),
    Name LowCardinality(String) DEFAULT 'release'
)
ENGINE = MergeTree
ORDER BY SeenAt
TTL toDateTime(SeenAt) + INTERVAL 1 DAY;
