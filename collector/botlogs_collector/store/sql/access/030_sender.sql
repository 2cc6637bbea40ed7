-- Who inserts without a collector: another OpenTelemetry Collector's ClickHouse exporter, or rows from Kafka.
-- It may not read back a word of what it sent; the routes (names of environments) it needs because defaults ask them.
-- Small inserts are gathered by the server, and answered when they are durable.
CREATE ROLE IF NOT EXISTS botlogs_sender;
GRANT INSERT ON botlogs_ingest.otel_traces TO botlogs_sender;
GRANT INSERT ON botlogs_ingest.otel_logs TO botlogs_sender;
GRANT INSERT ON botlogs_ingest.otlp_traces TO botlogs_sender;
GRANT INSERT ON botlogs_ingest.otlp_logs TO botlogs_sender;
GRANT SELECT ON botlogs.routes TO botlogs_sender;
CREATE SETTINGS PROFILE IF NOT EXISTS botlogs_sender SETTINGS async_insert = 1, wait_for_async_insert = 1, async_insert_busy_timeout_max_ms = 1000, async_insert_max_data_size = 10000000, async_insert_deduplicate = 0, insert_deduplicate = 0, distributed_foreground_insert = 1, insert_quorum = 'auto', insert_quorum_timeout = 20000, max_execution_time = 30, max_memory_usage = 4000000000 TO botlogs_sender;
CREATE QUOTA IF NOT EXISTS botlogs_sender KEYED BY user_name FOR INTERVAL 1 minute MAX query_inserts = 60000, errors = 1000 TO botlogs_sender;
