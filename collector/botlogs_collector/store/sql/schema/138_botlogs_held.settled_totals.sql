-- Up to which hour botlogs.totals is exact: corrected by what was received twice (query/totals_settle.sql). One row.
CREATE TABLE IF NOT EXISTS botlogs_held.settled_totals
(
    Upto DateTime COMMENT 'the first hour that is not',
    At DateTime64(9)
)
ENGINE = ReplacingMergeTree(Upto)
ORDER BY tuple();
