-- People and dashboards with a SQL prompt: what is live or released, and receipts. Not one right on botlogs_held or
-- botlogs_ingest, none on grants, audit and what only collectors use. The row policies say the same once more where the
-- rows lie: a row is readable from VisibleAt on, whatever wrote it there.
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
