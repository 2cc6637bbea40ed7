-- The oldest claim that is still alive, by the store's clock.
SELECT Holder
FROM
(
    SELECT Holder, argMax(ClaimedAt, SeenAt) AS Claimed, argMax(ExpiresAt, SeenAt) AS Expires
    FROM botlogs_held.lease
    WHERE Name = {lease:String}
    GROUP BY Holder
)
WHERE Expires > now64(9)
ORDER BY Claimed, Holder
LIMIT 1
