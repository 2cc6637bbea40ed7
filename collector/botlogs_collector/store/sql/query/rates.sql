-- What rate-limited policies have spent and what of it still counts. Cost: the whole small table.
SELECT Name, Level, At, KeepUntil FROM botlogs_held.rate_state FINAL WHERE KeepUntil > {now_ns:Int64}
