-- Routes spans of live environments straight to the readers.
CREATE MATERIALIZED VIEW IF NOT EXISTS botlogs_ingest.live_traces TO botlogs.otel_traces AS
WITH (SELECT mapFromArrays(groupArray(Name), groupArray(Environment)) FROM botlogs.environments FINAL) AS environments
SELECT * REPLACE (if(mapContains(environments, EnvironmentGiven), environments[EnvironmentGiven], environments['']) AS Environment)
FROM botlogs_ingest.otel_traces
WHERE if(EnvironmentGiven IN (SELECT Name FROM botlogs.environments FINAL), EnvironmentGiven, '') IN (SELECT Name FROM botlogs.environments FINAL WHERE Live);
