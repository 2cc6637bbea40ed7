-- The three databases: what arrives, what is held, what may be read. Readers have rights on `botlogs` alone.
CREATE DATABASE IF NOT EXISTS botlogs_ingest;
CREATE DATABASE IF NOT EXISTS botlogs_held;
CREATE DATABASE IF NOT EXISTS botlogs;
