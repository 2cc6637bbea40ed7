-- Who makes and migrates the schema (`botlogs migrate`). Views run with the rights of who made them, so this user also
-- needs the rights of reading and writing; never drop it, and let no program but `botlogs migrate` and `serve` be it.
CREATE ROLE IF NOT EXISTS botlogs_schema;
GRANT CREATE DATABASE, CREATE TABLE, CREATE VIEW, DROP TABLE, DROP VIEW, ALTER TABLE, ALTER VIEW, SELECT, INSERT ON botlogs.* TO botlogs_schema;
GRANT CREATE DATABASE, CREATE TABLE, CREATE VIEW, DROP TABLE, DROP VIEW, ALTER TABLE, ALTER VIEW, SELECT, INSERT ON botlogs_held.* TO botlogs_schema;
GRANT CREATE DATABASE, CREATE TABLE, CREATE VIEW, DROP TABLE, DROP VIEW, ALTER TABLE, ALTER VIEW, SELECT, INSERT ON botlogs_ingest.* TO botlogs_schema;
GRANT CLUSTER, REMOTE, SYSTEM VIEWS, TABLE ENGINE ON *.* TO botlogs_schema;
