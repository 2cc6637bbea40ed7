-- Keeps botlogs.routes as botlogs.environments says; a removed name becomes unknown. The newest row of a name counts,
-- so that the view may as well be made anew from all rows, as each node of a cluster does (store/placement.py).
CREATE MATERIALIZED VIEW IF NOT EXISTS botlogs.routes_of_environments TO botlogs.routes AS
SELECT
    e.Name AS Name,
    argMax(if(e.Removed, '', e.Environment), e.Version) AS Environment,
    argMax(e.Live AND NOT e.Removed, e.Version) AS Live
FROM botlogs.environments AS e
GROUP BY Name;
