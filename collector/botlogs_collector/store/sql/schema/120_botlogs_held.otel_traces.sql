-- Held spans, by trace and time: what the release engine reads and moves. No reader has rights here.
-- Partitioned by arrival, never by a sender's clock: 500 different days in one request are one part.
CREATE TABLE IF NOT EXISTS botlogs_held.otel_traces AS botlogs_ingest.otel_traces
ENGINE = MergeTree
PARTITION BY toDate(ReceivedAt)
ORDER BY (TraceId, Timestamp)
TTL toDateTime(ReceivedAt) + toIntervalSecond({hold_retention_s})
SETTINGS ttl_only_drop_parts = 1, merge_selector_base = 16, min_bytes_for_wide_part = 104857600, min_level_for_wide_part = 1, vertical_merge_algorithm_min_rows_to_activate = 65536, default_compression_codec = 'ZSTD(1)';
