-- Routes log records of live environments straight to the readers.
CREATE MATERIALIZED VIEW IF NOT EXISTS botlogs_ingest.live_logs TO botlogs.otel_logs AS
WITH (SELECT mapFromArrays(groupArray(Name), groupArray(Environment)) FROM botlogs.environments FINAL) AS environments
SELECT * REPLACE (if(mapContains(environments, EnvironmentGiven), environments[EnvironmentGiven], environments['']) AS Environment)
FROM botlogs_ingest.otel_logs
WHERE if(EnvironmentGiven IN (SELECT Name FROM botlogs.environments FINAL), EnvironmentGiven, '') IN (SELECT Name FROM botlogs.environments FINAL WHERE Live);
