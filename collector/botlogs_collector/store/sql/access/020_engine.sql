-- The collectors, once the schema is there: they write what arrives, move what is released, answer the query API.
CREATE ROLE IF NOT EXISTS botlogs_engine;
GRANT SELECT, INSERT ON botlogs.* TO botlogs_engine;
GRANT SELECT, INSERT ON botlogs_held.* TO botlogs_engine;
GRANT INSERT ON botlogs_ingest.* TO botlogs_engine;
GRANT REMOTE, SYSTEM VIEWS ON *.* TO botlogs_engine;
CREATE SETTINGS PROFILE IF NOT EXISTS botlogs_engine SETTINGS max_execution_time = 300, max_memory_usage = 8000000000, async_insert = 0 TO botlogs_engine, botlogs_schema;
