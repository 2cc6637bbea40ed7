-- Where rows of an environment's name or alias go, as a hash table in memory: looked up once a row on arrival
-- (joinGet costs a commit nothing; a subquery or two in each of eight views cost it a quarter, decision 0002). Persistent.
CREATE TABLE IF NOT EXISTS botlogs.routes
(
    Name String,
    Environment String COMMENT 'empty: no such environment',
    Live Bool
)
ENGINE = Join(ANY, LEFT, Name)
SETTINGS join_any_take_last_row = 1;
