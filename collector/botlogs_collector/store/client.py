"""One ClickHouse, embedded or a server, behind one small class: the only module that calls the driver.

A client belongs to one thread (clickhouse-connect serializes nothing across them), so every
thread gets its own on first use. The embedded engine allows one process per data folder.
"""

import fcntl
import logging
import os
import re
import threading
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Self

import clickhouse_connect
from clickhouse_connect.driver.exceptions import ClickHouseError, DatabaseError, ProgrammingError

from botlogs_collector.config.settings import Storage
from botlogs_collector.errors import Permanent, Retryable, StartError
from botlogs_collector.store import statements

Row = dict[str, Any]

# ClickHouse error codes that blame the input; everything else may pass another time.
_INPUT_CODES = frozenset({6, 26, 27, 33, 53, 62, 69, 70, 72, 117, 130, 131, 367, 427, 434, 444, 586})
# What it says of its own files, with the same codes; the text names paths, which are no reader's business.
_OF_A_PART = re.compile(r"while reading (or decompressing|from part) ", re.IGNORECASE)
_OPTIONS = re.compile(r"\?config-file=[^']*")
log = logging.getLogger("botlogs.store")


class Database:
    """A ClickHouse to query, insert into and close."""

    def __init__(
        self,
        dsn: str,
        *,
        max_memory_bytes: int = 0,
        cluster: str | None = None,
        connect_timeout_s: int = 10,
        read_timeout_s: int = 60,
    ) -> None:
        """Open *dsn*: `chdb://PATH`, `clickhouse://user:pass@host:8123/` or `clickhouses://…`, a node of *cluster*.

        A server has *connect_timeout_s* to take a connection, and may be silent for *read_timeout_s*.

        Raises:
            StartError: the data folder is in use, or the server does not answer.
        """
        self._dsn = dsn
        self._local = threading.local()
        self._clients: list[Any] = []
        self._lock = threading.Lock()
        self._closed = False
        self.is_embedded = dsn.startswith("chdb:")
        self.cluster = cluster
        self.replica_delay_ns = MAX_REPLICA_DELAY_S * 1_000_000_000 if cluster else 0
        self._session = {**_SESSION, **(_CLUSTER_SESSION if cluster else {})}
        self._connect_timeout_s, self._read_timeout_s = connect_timeout_s, read_timeout_s
        self._options: dict[str, str] = {}
        if self.is_embedded:
            self._options["config-file"] = str(files("botlogs_collector.store") / "engine.xml")
            self.path = _data_folder(dsn)
            if max_memory_bytes:
                self._options["max_server_memory_usage"] = str(max_memory_bytes)
        try:
            self.client()
        except ProgrammingError as error:
            raise StartError(_embedded_fault(self.path, str(error))) from None
        except ClickHouseError as error:
            msg = f"storage.dsn: ClickHouse at {_without_password(dsn)} does not answer: {_first_line(error)}"
            raise StartError(msg) from None

    @classmethod
    def of(cls, storage: Storage) -> Self:
        """Open what the configuration says.

        Raises:
            StartError: as above.
        """
        return cls(
            storage.dsn,
            max_memory_bytes=storage.max_memory_bytes,
            cluster=storage.cluster,
            connect_timeout_s=max(1, storage.connect_timeout // 10**9),
            read_timeout_s=storage.read_timeout // 10**9,
        )

    def client(self) -> Any:
        """Return this thread's client, opening it on first use; the driver's errors come as they are."""
        client = getattr(self._local, "client", None)
        if client is None:
            if self._closed:
                msg = "the store is closed"
                raise Retryable(msg)
            client = self._open()
            self._local.client = client
            with self._lock:
                self._clients.append(client)
        return client

    def _open(self) -> Any:
        if self.is_embedded:
            return clickhouse_connect.get_client(
                interface="chdb", path=str(self.path), chdb_options=self._options, settings=self._session
            )
        scheme, _, rest = self._dsn.partition("://")
        return clickhouse_connect.get_client(
            dsn=f"{'https' if scheme == 'clickhouses' else 'http'}://{rest}",
            settings=self._session,
            autogenerate_session_id=False,
            connect_timeout=self._connect_timeout_s,
            send_receive_timeout=self._read_timeout_s,
        )

    def command(self, sql: str, settings: Mapping[str, object] | None = None, **parameters: object) -> None:
        """Run one statement that returns nothing."""
        with _mapped():
            self.client().command(sql, parameters=parameters or None, settings=settings or None)

    def rows(self, sql: str, **parameters: object) -> list[Row]:
        """Return the result of *sql* as dictionaries; *parameters* are bound as typed parameters."""
        with _mapped():
            result = self.client().query(sql, parameters=parameters or None)
            return [dict(zip(result.column_names, row, strict=True)) for row in result.result_rows]

    def plain_rows(self, sql: str, **parameters: object) -> list[Row]:
        """Return the result as `rows` does, but times as Unix nanoseconds: converting them is not planned then."""
        with _mapped():
            result = self.client().query(sql, parameters=parameters or None, query_formats=_TIMES_AS_NUMBERS)
            return [dict(zip(result.column_names, row, strict=True)) for row in result.result_rows]

    def query(self, name: str, **parameters: object) -> list[Row]:
        """Return the rows of the query in sql/query/*name*.sql."""
        return self.rows(statements.query(name), **parameters)

    def run(self, name: str, settings: Mapping[str, object] | None = None, **parameters: object) -> None:
        """Run the statement in sql/query/*name*.sql."""
        self.command(statements.query(name), settings, **parameters)

    def insert(self, table: str, rows: Sequence[Sequence[object]], columns: Sequence[str], **settings: object) -> None:
        """Insert *rows* (values in the order of *columns*); *table* is `database.table`."""
        database, _, name = table.partition(".")
        with _mapped():
            self.client().insert(name, rows, column_names=list(columns), database=database, settings=settings or None)

    def insert_raw(self, table: str, data: bytes, fmt: str, settings: Mapping[str, object]) -> None:
        """Insert *data* in the format *fmt*; returns after it is durable."""
        with _mapped():
            self.client().raw_insert(table, insert_block=data, fmt=fmt, settings=dict(settings))

    def raw(self, sql: str, fmt: str, settings: Mapping[str, object], **parameters: object) -> bytes:
        """Return the result of *sql* written in the format *fmt*, as ClickHouse wrote it."""
        with _mapped():
            return self.client().raw_query(sql, parameters=parameters, settings=dict(settings), fmt=fmt)

    def close(self) -> None:
        """Close every thread's client; a second call is harmless. Call after the last query returned."""
        self._closed = True
        with self._lock:
            clients, self._clients = self._clients, []
        for client in clients:
            client.close()


_TIMES_AS_NUMBERS = {"DateTime*": "int"}
_SESSION: dict[str, Any] = {
    "session_timezone": "UTC",
    "async_insert": 0,  # commits are gathered here already (receive/group_commit.py)
    "max_query_size": 4 * 1024 * 1024,  # a hundred compiled OTTL conditions are more than the default of 256 KiB
}

# Rows that a replica of a cluster may lack, by age; what asks more is refused (see `release.watermark_lag`).
MAX_REPLICA_DELAY_S = 5
# What keeps the promises of one server on a cluster (decision 0010).
_CLUSTER_SESSION: dict[str, Any] = {
    # An INSERT returns after every shard has its rows, and the majority of each shard's replicas.
    "distributed_foreground_insert": 1,
    "insert_quorum": "auto",
    "insert_quorum_timeout": 20_000,  # ms; below a commit's deadline
    # Only a move may be recognized as done before; equal rows of two commits are two facts.
    "insert_deduplicate": 0,
    # All of us write to and read from the same replica of a shard while it lives: we see what we wrote.
    "load_balancing": "in_order",
    "prefer_localhost_replica": 0,
    "max_replica_delay_for_distributed_queries": MAX_REPLICA_DELAY_S,
    "fallback_to_stale_replicas_for_distributed_queries": 0,
    # An answer that lacks a shard would look whole.
    "skip_unavailable_shards": 0,
    # Right also while rows lie by an older number of shards; a set is asked once and sent to the shards.
    "distributed_product_mode": "global",
}


class _mapped:  # noqa: N801  # reads as the context manager it is
    """Turn the driver's errors into ours: the input's fault is permanent, the rest may pass."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, _type: object, error: BaseException | None, _traceback: object) -> None:
        if isinstance(error, DatabaseError) and _OF_A_PART.search(str(error)):
            log.error("the store may be damaged: %s", _first_line(error))
            msg = "a part of the store cannot be read and may be damaged; the service's log says which: bring a backup"
            raise Retryable(msg) from error
        if isinstance(error, DatabaseError) and error.code in _INPUT_CODES:
            raise Permanent(_first_line(error)) from error
        if isinstance(error, (ClickHouseError, OSError)):
            raise Retryable(f"ClickHouse: {_first_line(error)}") from error


def _data_folder(dsn: str) -> Path:
    text = dsn.removeprefix("chdb:").removeprefix("//")
    if not text:
        msg = "storage.dsn: chdb:// needs a folder, such as chdb://./botlogs-data"
        raise StartError(msg)
    path = Path(text).expanduser().resolve()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"storage.dsn: the data folder {path} cannot be made: {error.strerror}"
        raise StartError(msg) from None
    if not os.access(path, os.W_OK):
        msg = f"storage.dsn: the data folder {path} is not writable"
        raise StartError(msg)
    if _is_locked(path / "status"):
        raise StartError(_in_use(path))
    return path


def _is_locked(status: Path) -> bool:
    """Whether another engine has this folder; asked first, because the engine writes a line of its own about it."""
    if not status.exists():
        return False
    with status.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


def _in_use(path: Path) -> str:
    return f"storage.dsn: the data folder {path} is in use by another process; stop it or name another folder"


def _embedded_fault(path: Path, text: str) -> str:
    if "lock" in text.lower():
        return _in_use(path)
    return (
        f"storage.dsn: the data folder {path} cannot be opened as a store, it may be damaged; nothing in it was "
        f"changed: bring a backup, or name another folder ({_OPTIONS.sub('', _first_line(text))})"
    )


def _without_password(dsn: str) -> str:
    scheme, _, rest = dsn.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


def _first_line(error: object) -> str:
    return str(error).strip().split("\n", 1)[0][:500]
