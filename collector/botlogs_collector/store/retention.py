"""The tables' TTLs say what the configuration says, also after it changed."""

import re

from botlogs_collector.config.settings import Storage
from botlogs_collector.store import statements
from botlogs_collector.store.client import Database

_TABLE = re.compile(r"CREATE TABLE IF NOT EXISTS (\S+)")
_TTL = re.compile(r"^TTL (.*toIntervalSecond\((\d+)\).*)$", re.MULTILINE)
_S = 1_000_000_000


def apply_retention(database: Database, storage: Storage) -> list[str]:
    """Change the TTLs that differ from *storage*; return the tables changed. What is due goes at the next merge."""
    stored = {
        f"{row['database']}.{row['name']}": row["create_table_query"]
        for row in database.rows(
            "SELECT database, name, create_table_query FROM system.tables"
            " WHERE database IN ('botlogs', 'botlogs_held') AND create_table_query LIKE '%TTL%'"
        )
    }
    changed: list[str] = []
    for table, expression, seconds in _wanted(storage):
        if f"toIntervalSecond({seconds})" not in stored[table]:
            database.command(f"ALTER TABLE {table} MODIFY TTL {expression} SETTINGS materialize_ttl_after_modify = 0")
            changed.append(table)
    return changed


def _wanted(storage: Storage) -> list[tuple[str, str, str]]:
    wanted: list[tuple[str, str, str]] = []
    for name in statements.schema_names():
        for statement in statements.schema_statements(
            name, retention_s=storage.retention // _S, hold_retention_s=storage.hold_retention // _S
        ):
            table, ttl = _TABLE.search(statement), _TTL.search(statement)
            if table and ttl:
                wanted.append((table[1], ttl[1].rstrip(";"), ttl[2]))
    return wanted
