"""Where the schema's objects lie on a cluster: the one set of statements, placed.

A table whose sorting key names a trace (or a conversation's key) is spread over the shards by it: its rows lie in
`NAME_local`, replicated within their shard, and `NAME` is the Distributed table in front of them. That the shard
follows from the sorting key is what lets duplicates collapse: they are on one shard. Totals add up wherever they
lie, so each node keeps those of its own commits. Every other table with data is small and whole on every node. Landing
tables, routes and views hold no data of their own and are made on every node (decision 0010).
"""

import functools
import re

from botlogs_collector.store import statements

ROUTES_REFRESH_S = 10
_SHARD_COLUMNS = ("TraceId", "ConversationKey")
_ANYWHERE = "rand()"
_DEDUPLICATION = "replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800"

_CREATE = re.compile(r"CREATE (DATABASE|TABLE|MATERIALIZED VIEW|VIEW) IF NOT EXISTS (\S+)(.*)", re.DOTALL)
_DROP = re.compile(r"DROP (TABLE|VIEW) IF EXISTS (\S+)(.*)", re.DOTALL)
_ALTER = re.compile(r"ALTER TABLE (\S+) (.*)", re.DOTALL)
_ENGINE = re.compile(r"^ENGINE = (\w*?)(MergeTree|Join)\b(?:\(([^()]*)\))?", re.MULTILINE)
_SORTED_BY = re.compile(r"^ORDER BY (.+)$", re.MULTILINE)
_TARGET = re.compile(r" TO (\S+) AS\b")
_SOURCE = re.compile(r"\bFROM (\w+\.\w+)")
_OF_ROWS = re.compile(r"(MODIFY|REMOVE|RESET|MATERIALIZE|DROP|ADD|CLEAR)\s+(TTL|SETTING|INDEX|PROJECTION|ORDER)\b")


def placed(statement: str, cluster: str) -> list[str]:
    """Return what *statement*, of one server, is on a cluster: one statement or more, each for every node.

    Raises:
        ValueError: there is no rule for such a statement; the schema and its migrations have none.
    """
    if made := _CREATE.fullmatch(statement):
        return _created(made[1], made[2], made[3], cluster)
    if dropped := _DROP.fullmatch(statement):
        names = [dropped[2]] if dropped[1] == "VIEW" else [dropped[2], f"{dropped[2].replace('`', '')}_local"]
        return [f"DROP {dropped[1]} IF EXISTS {name} ON CLUSTER '{cluster}'{dropped[3]}" for name in names]
    if altered := _ALTER.fullmatch(statement):
        return _altered(altered[1], altered[2], cluster)
    msg = f"no rule places this statement on a cluster: {statement[:80]!r}"
    raise ValueError(msg)


def _created(kind: str, name: str, rest: str, cluster: str) -> list[str]:
    head = f"CREATE {kind} IF NOT EXISTS {name} ON CLUSTER '{cluster}'"
    if kind == "MATERIALIZED VIEW":
        return [head + _fed(rest)]
    if kind != "TABLE" or name not in tables_with_data():
        return [head + rest]
    key = shard_keys().get(name)
    if key is None:
        return [head + _replicated(rest, f"/clickhouse/tables/{cluster}/all/{name}", "{shard}-{replica}")]
    local = local_name(name)
    database, _, table = local.partition(".")
    return [
        f"CREATE TABLE IF NOT EXISTS {local} ON CLUSTER '{cluster}'"
        + _replicated(rest, f"/clickhouse/tables/{cluster}/{{shard}}/{local}", "{replica}"),
        f"{head} AS {local}\nENGINE = Distributed('{cluster}', '{database}', '{table}', {key})",
    ]


def _replicated(rest: str, path: str, replica: str) -> str:
    def engine(found: re.Match[str]) -> str:
        arguments = ", ".join((f"'{path}'", f"'{replica}'", *filter(None, [found[3]])))
        return f"ENGINE = Replicated{found[1]}MergeTree({arguments})"

    return re.sub(r"non_replicated_deduplication_window = \d+", _DEDUPLICATION, _ENGINE.sub(engine, rest))


def _fed(rest: str) -> str:
    """Return a view's text that is fed where rows arrive: from local tables, not from those in front of them."""
    target, source = _TARGET.search(rest), _SOURCE.search(rest)
    assert target is not None, rest
    assert source is not None, rest
    fed = rest
    if source[1] in shard_keys():
        fed = fed.replace(source[0], f"FROM {local_name(source[1])}", 1)
    if shard_keys().get(target[1]) == _ANYWHERE:
        return fed.replace(target[0], f" TO {local_name(target[1])} AS", 1)
    if source[1] in tables_with_data() and target[1] not in tables_with_data():
        # Rows that come by replication trigger no view: what each node derives from them is made anew at intervals.
        return fed.replace(target[0], f" REFRESH EVERY {ROUTES_REFRESH_S} SECOND{target[0]}", 1)
    return fed


def _altered(table: str, change: str, cluster: str) -> list[str]:
    if table not in tables_with_data():
        return [f"ALTER TABLE {table} ON CLUSTER '{cluster}' {change}"]
    if table not in shard_keys():
        # Replicas of one table take a change from each other; asked on each, the second would find it done.
        return [f"ALTER TABLE {table} {change}"]
    local = f"ALTER TABLE {local_name(table)} ON CLUSTER '{cluster}' {change}"
    if _OF_ROWS.match(change):
        return [local]
    return [local, f"ALTER TABLE {table} ON CLUSTER '{cluster}' {change}"]


def local_name(table: str) -> str:
    """Return the name of the rows of *table* on one shard; tables that are whole on every node keep theirs."""
    return f"{table}_local" if table in shard_keys() else table


@functools.cache
def shard_keys() -> dict[str, str]:
    """Return the sharding expression of every table that is spread over shards."""
    keys: dict[str, str] = {}
    for table, (engine, text) in tables_with_data().items():
        order = _SORTED_BY.search(text)
        columns = re.findall(r"\w+", order[1]) if order else []
        column = next((column for column in _SHARD_COLUMNS if column in columns), None)
        if column or engine == "Summing":
            keys[table] = f"cityHash64({column})" if column else _ANYWHERE
    return keys


@functools.cache
def tables_with_data() -> dict[str, tuple[str, str]]:
    """Return the kind of MergeTree and the text of every table that keeps rows on disk, by its name."""
    found: dict[str, tuple[str, str]] = {}
    for name in statements.schema_names():
        for statement in statements.schema_statements(name, retention_s=0, hold_retention_s=0):
            made, engine = _CREATE.fullmatch(statement), _ENGINE.search(statement)
            if made and made[1] == "TABLE" and engine and engine[2] == "MergeTree":
                found[made[2]] = (engine[1], statement)
    return found
