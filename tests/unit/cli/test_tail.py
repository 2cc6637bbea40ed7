"""Following a stream that breaks."""

import json
import signal
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.support.processes import Program, until


class _Flaky(ThreadingHTTPServer):
    """Sends two events a connection, then breaks it off in the middle of the third."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked_from: list[str | None] = []


class _Handler(BaseHTTPRequestHandler):
    server: _Flaky  # type: ignore[assignment]

    def do_GET(self) -> None:
        given = self.headers["last-event-id"]
        self.server.asked_from.append(given)
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        first = int(given or 0)
        for number in (first, first + 1, first + 2):  # the one before the last id comes again, as the API may do
            item = {
                "item_id": f"i{number}",
                "time_unix_nano": str(number + 1),
                "kind": "log",
                "title": f"line {number}",
            }
            self.wfile.write(f": alive\n\nid: {number}\ndata: {json.dumps(item)}\n\n".encode())
        self.wfile.write(b'id: 999\ndata: {"item_id": ')

    def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002


@pytest.fixture
def flaky() -> Iterator[_Flaky]:
    """A service whose streams break."""
    server = _Flaky()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_broken_stream_is_resumed_without_gap_or_double(flaky: _Flaky) -> None:
    """After a break, tail asks for what follows the last whole event, and shows each item once."""
    url = f"http://127.0.0.1:{flaky.server_address[1]}"
    tail = Program("tail", "--conversation", "c", "--json", "--url", url)

    until(lambda: len(tail.out) >= 5 and len(flaky.asked_from) >= 3)
    tail.stop()

    assert [json.loads(line)["title"] for line in tail.out[:5]] == [f"line {n}" for n in range(5)]
    assert flaky.asked_from[:3] == [None, "2", "4"]
    assert tail.err == []


def test_a_service_that_is_gone_is_told_once(flaky: _Flaky) -> None:
    """While nothing answers, tail says so once and goes on trying."""
    flaky.server_close()
    flaky.shutdown()

    tail = Program("tail", "--conversation", "c", "--url", f"http://127.0.0.1:{flaky.server_address[1]}")
    until(lambda: len(tail.err) >= 1)
    code = tail.stop(signal.SIGINT)

    assert code == 130
    assert len([line for line in tail.err if line]) == 1
    assert "interrupted, trying again: nothing answers" in tail.err[0]
