-- Fills botlogs.routes from botlogs.environments, as its view does row by row. Cost: a few rows.
INSERT INTO botlogs.routes
SELECT Name, if(Removed, '', Environment) AS Environment, Live AND NOT Removed AS Live FROM botlogs.environments FINAL
