-- Prolongs the holder's claim (0 seconds: ends it); the claim keeps its age.
INSERT INTO botlogs_held.lease (Holder, ClaimedAt, SeenAt, ExpiresAt)
SELECT Holder, argMax(ClaimedAt, SeenAt), now64(9), now64(9) + toIntervalSecond({lease_s:UInt32})
FROM botlogs_held.lease
WHERE Holder = {holder:String}
GROUP BY Holder
