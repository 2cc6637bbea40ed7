-- Receipts whose move was begun and not noted as done: what a crash leaves. Cost: one column of all receipts.
SELECT * FROM botlogs.receipts FINAL WHERE Status IN ('releasing', 'restoring') ORDER BY BatchId, ConversationKey
