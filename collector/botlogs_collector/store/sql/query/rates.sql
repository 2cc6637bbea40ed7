-- What rate-limited policies have spent and what of it still counts, the oldest first, with the newest version; then
-- what batches noted since that was last saved. Cost: the whole small table, and the last rows of the notes.
WITH (SELECT max(Version) FROM botlogs_held.rate_state) AS saved
SELECT '' AS BatchId, Name, Level, At, KeepUntil, Version
FROM botlogs_held.rate_state FINAL
WHERE KeepUntil > {now_ns:Int64} OR Version = saved
UNION ALL
SELECT BatchId, Name, Level, At, KeepUntil, Version FROM botlogs_held.rate_notes WHERE Version > saved
ORDER BY Version
