-- Grants that are not revoked and ended less than a week ago: what ended under one is still to be kept.
SELECT
    GrantId, BotId, ConversationId, UserId, NodeId, Environment,
    toUnixTimestamp64Nano(FromAt) AS FromUnixNano, toUnixTimestamp64Nano(UntilAt) AS UntilUnixNano, Reason, GrantedBy
FROM botlogs.grants FINAL
WHERE RevokedBy = '' AND toUnixTimestamp64Nano(UntilAt) > {now_ns:Int64} - 604800000000000
ORDER BY FromAt, GrantId
