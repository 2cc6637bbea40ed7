-- Prolongs the holder's claim (0 seconds: ends it); the claim keeps its age.
INSERT INTO botlogs_held.lease (Name, Holder, ClaimedAt, SeenAt, ExpiresAt)
SELECT Name, Holder, argMax(ClaimedAt, SeenAt), now64(9), now64(9) + toIntervalSecond({lease_s:UInt32})
FROM botlogs_held.lease
WHERE Name = {lease:String} AND Holder = {holder:String}
GROUP BY Name, Holder
