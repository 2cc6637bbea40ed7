-- Routes log records whose environment has a release delay into the hold.
CREATE MATERIALIZED VIEW IF NOT EXISTS botlogs_ingest.held_logs TO botlogs_held.otel_logs AS
WITH (SELECT mapFromArrays(groupArray(Name), groupArray(Environment)) FROM botlogs.environments FINAL) AS environments
SELECT * REPLACE (if(mapContains(environments, EnvironmentGiven), environments[EnvironmentGiven], environments['']) AS Environment)
FROM botlogs_ingest.otel_logs
WHERE if(EnvironmentGiven IN (SELECT Name FROM botlogs.environments FINAL), EnvironmentGiven, '') NOT IN (SELECT Name FROM botlogs.environments FINAL WHERE Live);
