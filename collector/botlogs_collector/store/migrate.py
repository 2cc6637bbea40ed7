"""Bring a store to this version's schema: new ones are made, older ones migrated, newer ones refused."""

from botlogs_collector.clock import Clock
from botlogs_collector.config.settings import Settings, Storage
from botlogs_collector.errors import StartError
from botlogs_collector.store import statements
from botlogs_collector.store.client import Database
from botlogs_collector.store.retention import apply_retention

SCHEMA_VERSION = 1

# What to run to come from version N-1 to N, by N: the names of schema files, created where missing,
# or statements. A view that changes is dropped first.
MIGRATIONS: dict[int, list[str]] = {}

_S = 1_000_000_000


def ddl(storage: Storage) -> list[str]:
    """Return every statement that makes the schema, in order."""
    return [
        statement
        for name in statements.schema_names()
        for statement in statements.schema_statements(
            name, retention_s=storage.retention // _S, hold_retention_s=storage.hold_retention // _S
        )
    ]


def migrate(database: Database, settings: Settings, clock: Clock) -> str:
    """Make or migrate the schema and write the environments; return what was done, in words.

    Raises:
        StartError: the store was written by a newer version.
    """
    found = schema_version(database)
    if found is not None and found > SCHEMA_VERSION:
        msg = (
            f"the store has schema version {found}, this is version {SCHEMA_VERSION} of the schema: "
            "it was written by a newer otel-botlogs; upgrade this one, or name another data folder"
        )
        raise StartError(msg)
    if found is None:
        done = f"made schema version {SCHEMA_VERSION}"
        for statement in ddl(settings.storage):
            database.command(statement)
    else:
        done = f"schema version {SCHEMA_VERSION}, nothing to migrate" if found == SCHEMA_VERSION else (
            f"migrated schema version {found} to {SCHEMA_VERSION}"
        )  # fmt: skip
        for version in range(found + 1, SCHEMA_VERSION + 1):
            for statement in MIGRATIONS[version]:
                database.command(statement)
    if found != SCHEMA_VERSION:
        database.insert("botlogs.schema_version", [[SCHEMA_VERSION, clock.now_ns()]], ["Version", "AppliedAt"])
    apply_retention(database, settings.storage)
    write_environments(database, settings, clock)
    return done


def schema_version(database: Database) -> int | None:
    """Return the newest version recorded in the store, None for an empty one."""
    exists = database.rows(
        "SELECT count() AS n FROM system.tables WHERE database = 'botlogs' AND name = 'schema_version'"
    )
    if not exists[0]["n"]:
        return None
    return int(database.rows("SELECT max(Version) AS v FROM botlogs.schema_version")[0]["v"]) or None


def write_environments(database: Database, settings: Settings, clock: Clock) -> None:
    """Make botlogs.environments and botlogs.channels say what the configuration says."""
    rules = settings.conversation
    wanted: dict[str, tuple[object, ...]] = {}
    for name, environment in settings.environments.items():
        end = rules.environments.get(name)
        row = (
            name,
            int(environment.release_delay),
            int((end and end.idle_timeout) or rules.idle_timeout),
            int((end and end.max_age) or rules.max_age),
            environment.is_live,
        )
        names = {name.lower(), *(alias.lower() for alias in environment.aliases)}
        if name == settings.default_environment:
            names.add("")
        wanted.update(dict.fromkeys(names, row))
    _replace(
        database,
        clock,
        "botlogs.environments",
        ("Name", "Environment", "ReleaseDelay", "IdleTimeout", "MaxAge", "Live"),
        wanted,
    )
    channels: dict[str, tuple[object, ...]] = {
        name: (int(rule.idle_timeout or 0), int(rule.max_age or 0)) for name, rule in rules.channels.items()
    }
    _replace(database, clock, "botlogs.channels", ("Channel", "IdleTimeout", "MaxAge"), channels)


def _replace(
    database: Database, clock: Clock, table: str, columns: tuple[str, ...], wanted: dict[str, tuple[object, ...]]
) -> None:
    """Write the rows that differ; rows nobody wants any more are marked removed."""
    stored = {
        str(row[columns[0]]): tuple(row[column] for column in columns[1:])
        for row in database.rows(f"SELECT {', '.join(columns)} FROM {table} FINAL")
    }
    version = clock.now_ns()
    rows = [[key, *row, version, 0] for key, row in wanted.items() if stored.get(key) != row]
    rows += [[key, *row, version, 1] for key, row in stored.items() if key not in wanted]
    if rows:
        database.insert(table, rows, [*columns, "Version", "Removed"])
