#!/bin/bash
# The users of compose.yaml, after the roles of 020_grants.sql. Passwords go in as hashes: no quote of theirs is SQL.
set -euo pipefail
hash() { printf '%s' "$1" | sha256sum | cut -d' ' -f1; }
clickhouse-client --user "$CLICKHOUSE_USER" --password "$CLICKHOUSE_PASSWORD" --multiquery <<SQL
CREATE USER IF NOT EXISTS botlogs IDENTIFIED WITH sha256_hash BY '$(hash "$BOTLOGS_PASSWORD")' DEFAULT ROLE NONE;
GRANT botlogs_engine, botlogs_schema TO botlogs;
ALTER USER botlogs DEFAULT ROLE botlogs_engine, botlogs_schema;
CREATE USER IF NOT EXISTS grafana IDENTIFIED WITH sha256_hash BY '$(hash "$GRAFANA_PASSWORD")' DEFAULT ROLE NONE;
GRANT botlogs_reader TO grafana;
ALTER USER grafana DEFAULT ROLE botlogs_reader;
SQL
