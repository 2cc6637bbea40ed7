-- Keeps botlogs.routes as botlogs.environments says; a removed name becomes unknown.
CREATE MATERIALIZED VIEW IF NOT EXISTS botlogs.routes_of_environments TO botlogs.routes AS
SELECT Name, if(Removed, '', Environment) AS Environment, Live AND NOT Removed AS Live FROM botlogs.environments;
