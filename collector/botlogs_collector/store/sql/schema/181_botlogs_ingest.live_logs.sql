-- Routes log records of live environments straight to the readers.
CREATE MATERIALIZED VIEW IF NOT EXISTS botlogs_ingest.live_logs TO botlogs.otel_logs AS
SELECT * FROM botlogs_ingest.otel_logs WHERE Live;
