-- A first claim of the lease.
INSERT INTO botlogs_held.lease (Name, Holder, ClaimedAt, SeenAt, ExpiresAt)
SELECT {lease:String}, {holder:String}, now64(9), now64(9), now64(9) + toIntervalSecond({lease_s:UInt32})
