"""How long rows stay, and where: the tables' TTLs say what the configuration says, also after it changed."""

import re

from botlogs_collector.config.settings import Storage
from botlogs_collector.store import statements
from botlogs_collector.store.client import Database
from botlogs_collector.store.placement import local_name, placed

_TABLE = re.compile(r"CREATE TABLE IF NOT EXISTS (\S+)")
_TTL = re.compile(r"^TTL (.*toIntervalSecond\(\d+\).*)$", re.MULTILINE)
# What readers see is the bulk, and old after a while: it alone may move to a colder volume.
_READERS_TTL = re.compile(r"^TTL (toDateTime\(VisibleAt\)) \+ (toIntervalSecond\(\d+\))$", re.MULTILINE)
_PERIODS = re.compile(r"toIntervalSecond\(\d+\)|TO VOLUME '[^']*'")
_S = 1_000_000_000


def cooled(statement: str, storage: Storage) -> str:
    """Return *statement* with `storage.cold_after` in it, if it makes a table of what readers see."""
    if not storage.cold_after:
        return statement
    cold = rf"TTL \1 + toIntervalSecond({storage.cold_after // _S}) TO VOLUME '{storage.cold_volume}', \1 + \2 DELETE"
    text, count = _READERS_TTL.subn(cold, statement)
    return text.replace("\nSETTINGS ", f"\nSETTINGS storage_policy = '{storage.storage_policy}', ") if count else text


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
    for table, ttl in _wanted(storage):
        there = stored[local_name(table) if storage.cluster else table]
        if _PERIODS.findall(ttl) == _PERIODS.findall(there.partition(" TTL ")[2]):
            continue
        if "TO VOLUME" in ttl and f"storage_policy = '{storage.storage_policy}'" not in there:
            _alter(database, storage, f"ALTER TABLE {table} MODIFY SETTING storage_policy = '{storage.storage_policy}'")
        _alter(database, storage, f"ALTER TABLE {table} MODIFY TTL {ttl} SETTINGS materialize_ttl_after_modify = 0")
        changed.append(table)
    return changed


def _alter(database: Database, storage: Storage, statement: str) -> None:
    for one in placed(statement, storage.cluster) if storage.cluster else [statement]:
        database.command(one)


def _wanted(storage: Storage) -> list[tuple[str, str]]:
    """Return each table with a configured TTL, and that TTL."""
    wanted: list[tuple[str, str]] = []
    for name in statements.schema_names():
        for statement in statements.schema_statements(
            name, retention_s=storage.retention // _S, hold_retention_s=storage.hold_retention // _S
        ):
            table, ttl = _TABLE.search(statement), _TTL.search(cooled(statement, storage))
            if table and ttl:
                wanted.append((table[1], ttl[1].rstrip(";")))
    return wanted
