-- Standing orders to keep everything of a scope, whatever the policies say; never deleted, only revoked.
CREATE TABLE IF NOT EXISTS botlogs.grants
(
    GrantId String,
    BotId String COMMENT 'empty scopes match everything; set ones must all match',
    ConversationId String,
    UserId String,
    NodeId String,
    Environment String,
    FromAt DateTime64(9),
    UntilAt DateTime64(9),
    Reason String,
    GrantedBy String,
    RevokedBy String,
    Version UInt64
)
ENGINE = ReplacingMergeTree(Version)
ORDER BY GrantId;
