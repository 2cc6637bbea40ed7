-- When conversations of each environment end and are released, ns. Cost: a table of a few rows.
SELECT Name, ReleaseDelay, IdleTimeout, MaxAge FROM botlogs.environments FINAL
