-- What a migration drops and makes anew: views, landing tables, and the routes, a copy of botlogs.environments.
SELECT database, name, engine FROM system.tables
WHERE database IN ('botlogs', 'botlogs_held', 'botlogs_ingest') AND engine IN ('Null', 'Join', 'View', 'MaterializedView')
