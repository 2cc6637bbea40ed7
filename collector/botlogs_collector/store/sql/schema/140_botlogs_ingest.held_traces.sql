-- Routes spans whose environment has a release delay into the hold.
CREATE MATERIALIZED VIEW IF NOT EXISTS botlogs_ingest.held_traces TO botlogs_held.otel_traces AS
SELECT * FROM botlogs_ingest.otel_traces WHERE NOT Live;
