"""A ClickHouse server that is there and says nothing: every wait for it has an end."""

import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from botlogs_collector.config.duration import parse_duration
from botlogs_collector.config.settings import Storage
from botlogs_collector.errors import Retryable, StartError
from botlogs_collector.store.client import Database
from tests.faults.relay import Relay, relay_to
from tests.support.clickhouse_http import clickhouse_server

_SILENCE_S = 1
_DONE_WITHIN_S = 30  # far below the five minutes that the driver would wait; a loaded machine is slow


@pytest.fixture(scope="module")
def relayed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    """A network that can fall silent, with a server behind it."""
    with (
        clickhouse_server(tmp_path_factory.mktemp("silent") / "data") as dsn,
        relay_to(dsn.removeprefix("clickhouse://").rstrip("/")) as relay,
    ):
        yield relay


def test_a_socket_that_accepts_and_never_answers_is_no_server() -> None:
    """The start ends with one line that names the address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        started = time.monotonic()

        with pytest.raises(StartError, match=f"ClickHouse at clickhouse://{address}/ does not answer"):
            Database(f"clickhouse://user:secret@{address}/", read_timeout_s=_SILENCE_S)

    assert time.monotonic() - started < _DONE_WITHIN_S


def _question(database: Database) -> None:
    database.rows("SELECT 1")


def _statement(database: Database) -> None:
    database.command("CREATE TABLE IF NOT EXISTS nothing (x UInt8) ENGINE = Memory")


def _insert(database: Database) -> None:
    database.insert_raw("nothing", b"1", "TSV", {})


@pytest.mark.parametrize("ask", [_question, _statement, _insert])
def test_a_server_that_falls_silent_counts_as_gone(relayed: Relay, ask: Callable[[Database], None]) -> None:
    """What waits for an answer may be tried again; the same client is served once the server speaks."""
    database = Database(f"clickhouse://{relayed.address}/", read_timeout_s=_SILENCE_S)
    relayed.change("still")
    started = time.monotonic()

    try:
        with pytest.raises(Retryable, match="ClickHouse"):
            ask(database)
        waited_s = time.monotonic() - started
    finally:
        relayed.change("clear")

    assert waited_s < _DONE_WITHIN_S
    assert database.rows("SELECT 1 AS one") == [{"one": 1}]
    database.close()


def test_a_thread_that_has_not_asked_before_is_told_the_same(relayed: Relay) -> None:
    """Every thread has a connection of its own; that it cannot be opened now is no reason to send nothing again."""
    database = Database(f"clickhouse://{relayed.address}/")
    relayed.change("cut")

    try:
        with ThreadPoolExecutor(1) as thread, pytest.raises(Retryable, match="ClickHouse"):
            thread.submit(_question, database).result()
    finally:
        relayed.change("clear")

    database.close()


def test_the_waits_are_those_of_the_configuration(relayed: Relay) -> None:
    """`storage.connect_timeout` and `storage.read_timeout` reach the driver."""
    storage = Storage(
        dsn=f"clickhouse://{relayed.address}/",
        connect_timeout=parse_duration("3s"),
        read_timeout=parse_duration("25s"),
    )

    database = Database.of(storage)

    timeout = database.client().timeout
    assert (timeout.connect_timeout, timeout.read_timeout) == (3, 25)
    database.close()
