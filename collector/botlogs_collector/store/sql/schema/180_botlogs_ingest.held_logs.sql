-- Routes log records whose environment has a release delay into the hold.
CREATE MATERIALIZED VIEW IF NOT EXISTS botlogs_ingest.held_logs TO botlogs_held.otel_logs AS
SELECT * FROM botlogs_ingest.otel_logs WHERE NOT Live;
