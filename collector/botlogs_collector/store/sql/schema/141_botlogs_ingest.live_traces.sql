-- Routes spans of live environments straight to the readers.
CREATE MATERIALIZED VIEW IF NOT EXISTS botlogs_ingest.live_traces TO botlogs.otel_traces AS
SELECT * FROM botlogs_ingest.otel_traces WHERE Live;
