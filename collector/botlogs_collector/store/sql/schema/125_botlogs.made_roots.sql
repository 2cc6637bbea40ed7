-- Root spans made at release for traces of conversations that never got one (a bot that died, a sender that has
-- none), with `botlogs.root.synthesized`: forwarded with the rest, so that trace viewers show one tree. Apart from
-- otel_traces, so that what readers count there is what was sent.
CREATE TABLE IF NOT EXISTS botlogs.made_roots AS botlogs_ingest.otel_traces
ENGINE = ReplacingMergeTree
PARTITION BY toDate(ReceivedAt)
ORDER BY (TraceId, Timestamp, SpanId)
TTL toDateTime(VisibleAt) + toIntervalSecond({retention_s})
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 1000;
