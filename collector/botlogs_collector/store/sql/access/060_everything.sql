-- A table with row policies shows nothing to users that none names, unless the server is told otherwise: these two see all.
CREATE ROW POLICY IF NOT EXISTS botlogs_everything ON botlogs.otel_traces FOR SELECT USING 1 TO botlogs_engine, botlogs_schema;
CREATE ROW POLICY IF NOT EXISTS botlogs_everything ON botlogs.otel_logs FOR SELECT USING 1 TO botlogs_engine, botlogs_schema;
CREATE ROW POLICY IF NOT EXISTS botlogs_everything ON botlogs.trace_state FOR SELECT USING 1 TO botlogs_engine, botlogs_schema;
CREATE ROW POLICY IF NOT EXISTS botlogs_everything ON botlogs.receipts FOR SELECT USING 1 TO botlogs_engine, botlogs_schema;
