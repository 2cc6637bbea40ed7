CREATE ROLE IF NOT EXISTS botlogs_schema;

GRANT CREATE DATABASE, CREATE TABLE, CREATE VIEW, DROP TABLE, DROP VIEW, ALTER TABLE, ALTER VIEW, SELECT, INSERT ON botlogs.* TO botlogs_schema;

GRANT CREATE DATABASE, CREATE TABLE, CREATE VIEW, DROP TABLE, DROP VIEW, ALTER TABLE, ALTER VIEW, SELECT, INSERT ON botlogs_held.* TO botlogs_schema;

GRANT CREATE DATABASE, CREATE TABLE, CREATE VIEW, DROP TABLE, DROP VIEW, ALTER TABLE, ALTER VIEW, SELECT, INSERT ON botlogs_ingest.* TO botlogs_schema;

GRANT CLUSTER, REMOTE, SYSTEM VIEWS, TABLE ENGINE ON *.* TO botlogs_schema;

CREATE ROLE IF NOT EXISTS botlogs_engine;

GRANT SELECT, INSERT ON botlogs.* TO botlogs_engine;

GRANT SELECT, INSERT ON botlogs_held.* TO botlogs_engine;

GRANT INSERT ON botlogs_ingest.* TO botlogs_engine;

GRANT REMOTE, SYSTEM VIEWS ON *.* TO botlogs_engine;

CREATE SETTINGS PROFILE IF NOT EXISTS botlogs_engine SETTINGS max_execution_time = 300, max_memory_usage = 8000000000, async_insert = 0 TO botlogs_engine, botlogs_schema;

CREATE ROLE IF NOT EXISTS botlogs_sender;

GRANT INSERT ON botlogs_ingest.otel_traces TO botlogs_sender;

GRANT INSERT ON botlogs_ingest.otel_logs TO botlogs_sender;

GRANT INSERT ON botlogs_ingest.otlp_traces TO botlogs_sender;

GRANT INSERT ON botlogs_ingest.otlp_logs TO botlogs_sender;

GRANT SELECT ON botlogs.routes TO botlogs_sender;

CREATE SETTINGS PROFILE IF NOT EXISTS botlogs_sender SETTINGS async_insert = 1, wait_for_async_insert = 1, async_insert_busy_timeout_max_ms = 1000, async_insert_max_data_size = 10000000, async_insert_deduplicate = 0, insert_deduplicate = 0, distributed_foreground_insert = 1, insert_quorum = 'auto', insert_quorum_timeout = 20000, max_execution_time = 30, max_memory_usage = 4000000000 TO botlogs_sender;

CREATE QUOTA IF NOT EXISTS botlogs_sender KEYED BY user_name FOR INTERVAL 1 minute MAX query_inserts = 60000, errors = 1000 TO botlogs_sender;

CREATE ROLE IF NOT EXISTS botlogs_reader;

GRANT SELECT ON botlogs.otel_traces TO botlogs_reader;

GRANT SELECT ON botlogs.otel_logs TO botlogs_reader;

GRANT SELECT ON botlogs.trace_state TO botlogs_reader;

GRANT SELECT ON botlogs.receipts TO botlogs_reader;

GRANT SELECT ON botlogs.flows TO botlogs_reader;

GRANT SELECT ON botlogs.environments TO botlogs_reader;

GRANT SELECT ON botlogs.channels TO botlogs_reader;

GRANT SELECT ON botlogs.totals TO botlogs_reader;

GRANT SELECT ON botlogs.conversation_state_of TO botlogs_reader;

GRANT SELECT ON botlogs.conversation_state TO botlogs_reader;

GRANT SELECT ON botlogs.conversations TO botlogs_reader;

GRANT SELECT ON botlogs.timeline TO botlogs_reader;

GRANT SELECT ON botlogs.log_at TO botlogs_reader;

GRANT SELECT ON botlogs.node_at TO botlogs_reader;

CREATE ROW POLICY IF NOT EXISTS botlogs_reader ON botlogs.otel_traces FOR SELECT USING VisibleAt <= now64(9) TO botlogs_reader;

CREATE ROW POLICY IF NOT EXISTS botlogs_reader ON botlogs.otel_logs FOR SELECT USING VisibleAt <= now64(9) TO botlogs_reader;

CREATE ROW POLICY IF NOT EXISTS botlogs_reader ON botlogs.trace_state FOR SELECT USING 1 TO botlogs_reader;

CREATE ROW POLICY IF NOT EXISTS botlogs_reader ON botlogs.receipts FOR SELECT USING 1 TO botlogs_reader;

CREATE SETTINGS PROFILE IF NOT EXISTS botlogs_reader SETTINGS readonly = 1, max_execution_time = 30 MIN 0 MAX 60 CHANGEABLE_IN_READONLY, max_memory_usage = 4000000000, max_bytes_to_read = 500000000000, max_result_rows = 1000000, result_overflow_mode = 'throw', max_concurrent_queries_for_user = 20, max_threads = 8, allow_introspection_functions = 0, distributed_product_mode = 'global', skip_unavailable_shards = 0 TO botlogs_reader;

CREATE QUOTA IF NOT EXISTS botlogs_reader KEYED BY user_name FOR INTERVAL 1 hour MAX queries = 20000, errors = 2000, read_rows = 200000000000, execution_time = 7200 TO botlogs_reader;

CREATE ROLE IF NOT EXISTS botlogs_developer;

GRANT SELECT ON botlogs.otel_traces TO botlogs_developer;

GRANT SELECT ON botlogs.otel_logs TO botlogs_developer;

GRANT SELECT ON botlogs.trace_state TO botlogs_developer;

GRANT SELECT ON botlogs.receipts TO botlogs_developer;

GRANT SELECT ON botlogs.flows TO botlogs_developer;

GRANT SELECT ON botlogs.environments TO botlogs_developer;

GRANT SELECT ON botlogs.channels TO botlogs_developer;

GRANT SELECT ON botlogs.conversation_state_of TO botlogs_developer;

GRANT SELECT ON botlogs.conversation_state TO botlogs_developer;

GRANT SELECT ON botlogs.conversations TO botlogs_developer;

GRANT SELECT ON botlogs.timeline TO botlogs_developer;

GRANT SELECT ON botlogs.log_at TO botlogs_developer;

GRANT SELECT ON botlogs.node_at TO botlogs_developer;

CREATE ROW POLICY IF NOT EXISTS botlogs_developer ON botlogs.otel_traces FOR SELECT USING Live TO botlogs_developer;

CREATE ROW POLICY IF NOT EXISTS botlogs_developer ON botlogs.otel_logs FOR SELECT USING Live TO botlogs_developer;

CREATE ROW POLICY IF NOT EXISTS botlogs_developer ON botlogs.trace_state FOR SELECT USING Live TO botlogs_developer;

CREATE ROW POLICY IF NOT EXISTS botlogs_developer ON botlogs.receipts FOR SELECT USING 0 TO botlogs_developer;

ALTER SETTINGS PROFILE botlogs_reader TO botlogs_reader, botlogs_developer;

ALTER QUOTA botlogs_reader TO botlogs_reader, botlogs_developer;

CREATE ROW POLICY IF NOT EXISTS botlogs_everything ON botlogs.otel_traces FOR SELECT USING 1 TO botlogs_engine, botlogs_schema;

CREATE ROW POLICY IF NOT EXISTS botlogs_everything ON botlogs.otel_logs FOR SELECT USING 1 TO botlogs_engine, botlogs_schema;

CREATE ROW POLICY IF NOT EXISTS botlogs_everything ON botlogs.trace_state FOR SELECT USING 1 TO botlogs_engine, botlogs_schema;

CREATE ROW POLICY IF NOT EXISTS botlogs_everything ON botlogs.receipts FOR SELECT USING 1 TO botlogs_engine, botlogs_schema;

