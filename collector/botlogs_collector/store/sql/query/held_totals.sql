-- How many conversations are held or going on, and their bytes. Cost: as due_keys.
SELECT count() AS Conversations, sum(Bytes) AS Bytes
FROM botlogs.conversation_state(now_ns = {now_ns:Int64}, since = {since:Date}, include_live = 0)
WHERE NOT Settled
SETTINGS max_bytes_before_external_group_by = 1000000000
