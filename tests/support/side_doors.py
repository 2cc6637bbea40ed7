"""Asking a guarded service by every way there is, and what an answer may not hold."""

import contextlib
import http.client
import json
import urllib.error
import urllib.request
from typing import IO

from tests.support.guarded import HELD, SHUT_ID, Guarded

CLOSED = ("ongoing", "held", "dropped")
READERS = ("investigator", "analyst", "developer", "operator", "other-bot", "sender", "nobody")
API = "/api/v1"
OF = f"{API}/conversations/{{id:path}}"
# A stream has no end: it is read until it was silent for so long.
_SILENCE_S = 2.0


def assert_silent(answer: str, where: str, asked: object = "") -> None:
    """Fail if *answer* holds a word of what is closed, or an id of its nodes that was not *asked* for."""
    lowered = answer.lower()
    assert HELD not in lowered, where
    for word in (HELD.encode().hex(), HELD[::-1]):
        assert word not in lowered, where
    assert SHUT_ID not in lowered or SHUT_ID in str(asked), where


def ask(service: Guarded, method: str, path: str, identifier: str, rest: str, body: object, name: str) -> str:
    base = service.otlp_url if path.startswith("/v1/") else service.url
    address = base + path.replace("{id:path}", identifier).replace("{id}", identifier).replace("{rest:path}", "nothing")
    address = address.replace("{path:path}", "api.js").replace("flows/", "flows/flow-")
    data = None if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json"} if data is not None else {}
    return open_url(address + rest, method, data, {**headers, **service.headers(name)})


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> None:
        """Look at the redirect itself."""


_OPENER = urllib.request.build_opener(_Stay)


def open_url(url: str, method: str, body: bytes | None, headers: dict[str, str]) -> str:
    """Return the whole answer as text: head and body; of an endless one, what comes until it is silent."""
    request = urllib.request.Request(url, body, headers, method=method)
    try:
        with _OPENER.open(request, timeout=_SILENCE_S if "/stream" in url else 60.0) as answer:
            return f"{answer.status} {answer.headers}{_read(answer)}"
    except urllib.error.HTTPError as error:
        with error:
            return f"{error.code} {error.headers}{error.read().decode()}"


def _read(answer: http.client.HTTPResponse) -> str:
    text = bytearray()
    with contextlib.suppress(TimeoutError):
        while chunk := answer.read1():
            text += chunk
    return text.decode("utf-8", "replace")
