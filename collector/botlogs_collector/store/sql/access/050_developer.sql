-- Who builds bots: as a reader, but of live environments alone (sandbox, staging): not one row that was ever held.
-- Receipts tell of held conversations only, so there are none. Whoever has this role and botlogs_reader sees both.
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
