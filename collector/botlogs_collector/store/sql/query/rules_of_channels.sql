-- Channels whose conversations end by rules of their own, ns; 0: as their environment's. Cost: a table of a few rows.
SELECT Channel, IdleTimeout, MaxAge FROM botlogs.channels FINAL
