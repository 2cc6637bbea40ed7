-- Up to which hour the totals are exact, 0 for never. Cost: a few rows.
SELECT toInt64(toUnixTimestamp(max(Upto))) AS Upto FROM botlogs_held.settled_totals
