"""The shop behind the sample bot: a small HTTP service of its own, which sometimes fails, and its client.

Failures depend on the order id, so that everybody can call them up: ids from B-0000 are unknown
(404), ids that end in 7 fail once and then answer, ids that end in 8 always fail (503), ids from
B-9000 come back without a shipping date.
"""

import json
import logging
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final, cast

import otel_botlogs

_logger = logging.getLogger("bookshop.shop")
_TIMEOUT_S: Final = 5.0
_TRIES: Final = 2
_MAX_BODY_BYTES: Final = 10_000
_STATUSES: Final = ("packed", "shipped", "on its way")

Json = dict[str, object]


class ShopError(Exception):
    """The shop did not answer, or answered 5xx, every time that it was asked."""


class Shop:
    """Calls the shop and writes down each call."""

    def __init__(self, url: str) -> None:
        """*url* without a slash at the end."""
        self._url = url

    def call(self, node: otel_botlogs.Node, method: str, path: str, body: Json | None = None) -> tuple[int, Json]:
        """Return the status, below 500, and the answer.

        Raises:
            ShopError: after the last try.
        """
        status = 0
        for attempt in range(1, _TRIES + 1):
            status, answer = self._call_once(node, method, path, body)
            if 0 < status < 500:
                return status, answer
            _logger.warning("the shop failed with %s, try %s of %s", status or "no answer", attempt, _TRIES)
        raise ShopError(f"{method} {path}: {status or 'no answer'}")

    def _call_once(self, node: otel_botlogs.Node, method: str, path: str, body: Json | None) -> tuple[int, Json]:
        url = self._url + path
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, {"content-type": "application/json"}, method=method)  # noqa: S310 - our own
        started_s = time.monotonic()
        status, answer, failure = 0, Json(), None
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as response:  # noqa: S310
                status, answer = response.status, cast("Json", json.load(response))
        except urllib.error.HTTPError as error:
            status, answer = error.code, cast("Json", json.load(error))
        except OSError as error:
            failure = type(error).__name__
        duration_ms = round((time.monotonic() - started_s) * 1000, 1)
        node.api(
            method, url, status or None, name="shop", duration_ms=duration_ms, request=body, response=answer,
            error=failure,
        )  # fmt: skip
        return status, answer


def start_shop() -> ThreadingHTTPServer:
    """Serve the shop on a free port of loopback, in a thread; stop it with `shutdown()`."""
    server = _ShopServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, name="shop", daemon=True).start()
    return server


class _ShopServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.asked_once: set[str] = set()


class _Handler(BaseHTTPRequestHandler):
    server: _ShopServer  # type: ignore[assignment]

    def do_GET(self) -> None:
        """`/orders/B-1234`."""
        order_id = self.path.rpartition("/")[2]
        digits = order_id.removeprefix("B-")
        if order_id.endswith("8") or (order_id.endswith("7") and order_id not in self.server.asked_once):
            self.server.asked_once.add(order_id)
            self._answer(503, {"error": "the stock system is busy"})
        elif not digits.isdigit() or digits.startswith("0"):
            self._answer(404, {"error": "no such order"})
        else:
            number = int(digits)
            order: Json = {"order_id": order_id, "status": _STATUSES[number % len(_STATUSES)], "books": number % 4 + 1}
            if number < 9000:
                order["ships_in_days"] = number % 5
            self._answer(200, order)

    def do_POST(self) -> None:
        """`/returns`."""
        length = min(int(self.headers.get("content-length") or 0), _MAX_BODY_BYTES)
        order_id = str(cast("Json", json.loads(self.rfile.read(length) or b"{}")).get("order_id", ""))
        self._answer(201, {"return_id": order_id.replace("B-", "R-")})

    def _answer(self, status: int, body: Json) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep quiet: the terminal belongs to the demo."""
