"""The HTTP query API as the command line uses it.

The standard library's HTTP is enough for a handful of small requests and one stream, and keeps the
service's dependencies as they are.
"""

import contextlib
import http.client
import json
import os
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, cast

from botlogs_collector.errors import BotLogsError

DEFAULT_URL: Final = "http://127.0.0.1:8080"
_TIMEOUT_S: Final = 60.0
_STREAM_SILENCE_S: Final = 45.0  # the service says something at least every 15 s
_PAGE: Final = 200

Json = dict[str, object]
Query = Mapping[str, object]
_NONE: Final[Query] = {}
_NO_HEADERS: Final[Mapping[str, str]] = {}


class Unreachable(BotLogsError):  # noqa: N818
    """Nothing, or not this service, answers at the address."""


class Refused(BotLogsError):  # noqa: N818
    """The service answered with a problem; `problem` is its document."""

    def __init__(self, status: int, problem: Json) -> None:
        self.status = status
        self.problem = problem
        detail = problem.get("detail") or problem.get("title") or f"the service answered {status}"
        super().__init__(f"{detail}{_ADVICE.get(status, '')}")


_ADVICE: Final = {
    401: "; give a token with --token or BOTLOGS_TOKEN",
    403: "; this token may not do that, ask whoever runs the service for one that may",
    409: "; `botlogs explain CONVERSATION` says what it waits for",
    410: "; `botlogs explain CONVERSATION` says why, `botlogs restore CONVERSATION` brings it back",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerEvent:
    """One server-sent event: where to go on from, its name, and what it carries."""

    id: str
    name: str
    data: Json


class Api:
    """The query API under *url*, which is the service's, without `/api/v1`."""

    def __init__(self, url: str = DEFAULT_URL, token: str | None = None) -> None:
        self.url = url.rstrip("/")
        self._token = token

    def get(self, path: str, query: Query | None = None) -> Json:
        """Return what GET /api/v1*path* answers; None in *query* is left out.

        Raises:
            Unreachable: nothing answers.
            Refused: it answered with an error.
        """
        return self._json("GET", path, query)

    def send(self, method: str, path: str, body: Json | None = None, query: Query | None = None) -> Json:
        """Return what a request with a JSON body answers; errors as of `get`."""
        return self._json(method, path, query, body)

    def items(self, path: str, query: Query, limit: int | None = None) -> Iterator[Json]:
        """Yield the items of all pages, at most *limit*; errors as of `get`."""
        left, cursor = limit, None
        while left is None or left > 0:
            page = self.get(path, {**query, "limit": min(left or _PAGE, _PAGE), "cursor": cursor})
            items = cast("list[Json]", page.get("items", []))
            yield from items if left is None else items[:left]
            left = None if left is None else left - len(items)
            cursor = page.get("next_cursor")
            if not items or cursor is None:
                return

    def events(self, path: str, last_id: str | None) -> Iterator[ServerEvent | None]:
        """Yield the server-sent events after *last_id*, None for a sign of life, until the connection ends.

        Raises:
            Unreachable, OSError: the connection cannot be made, or broke.
            Refused: it answered with an error.
        """
        headers = {"accept": "text/event-stream"} | ({"last-event-id": last_id} if last_id else {})
        with self._open("GET", path, headers=headers, timeout_s=_STREAM_SILENCE_S) as response:
            yield from _parse_events(response)

    def plain(self, path: str) -> tuple[int, str, Mapping[str, str]]:
        """Return status, text and headers of a path outside the API, such as /readyz, whatever the status."""
        request = urllib.request.Request(self.url + path, headers=self._authorization())  # noqa: S310 - checked below
        try:
            with _opened(request, 10.0) as response:
                return response.status, response.read().decode("utf-8", "replace"), dict(response.headers.items())
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode("utf-8", "replace"), dict(error.headers.items())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unreachable(self._unreachable(error)) from None

    def _json(self, method: str, path: str, query: Query | None, body: Json | None = None) -> Json:
        with self._open(method, path, query=query or {}, body=body) as response:
            data = response.read()
        try:
            answer: object = json.loads(data) if data else {}
        except ValueError:
            raise Unreachable(f"{self.url} answers, but not with JSON: is it the console's address?") from None
        return cast("Json", answer) if isinstance(answer, dict) else {"items": answer}

    @contextlib.contextmanager
    def _open(
        self,
        method: str,
        path: str,
        *,
        query: Query = _NONE,
        body: Json | None = None,
        headers: Mapping[str, str] = _NO_HEADERS,
        timeout_s: float = _TIMEOUT_S,
    ) -> Generator[http.client.HTTPResponse]:
        text = urllib.parse.urlencode({key: _text(value) for key, value in query.items() if value is not None})
        url = f"{self.url}/api/v1{path}{'?' + text if text else ''}"
        data = None if body is None else json.dumps(body).encode()
        all_headers = {"accept": "application/json", **headers}
        if data is not None:
            all_headers["content-type"] = "application/json"
        all_headers |= self._authorization()
        try:
            request = urllib.request.Request(url, data, all_headers, method=method)  # noqa: S310 - checked in _opened
            with _opened(request, timeout_s) as response:
                yield response
        except urllib.error.HTTPError as error:
            raise Refused(error.code, _problem(error)) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unreachable(self._unreachable(error)) from None

    def _authorization(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self._token}"} if self._token else {}

    def sending_headers(self) -> dict[str, str]:
        """Return the headers to send OTLP with: a bot's own, if the environment has them, else the token's."""
        given = os.environ.get("OTEL_EXPORTER_OTLP_HEADERS", "")
        pairs = (pair.partition("=") for pair in given.split(",") if "=" in pair)
        named = {name.strip().lower(): urllib.parse.unquote(value.strip()) for name, _, value in pairs}
        return named or self._authorization()

    def _unreachable(self, error: Exception) -> str:
        reason = getattr(error, "reason", None) or error
        return (
            f"nothing answers at {self.url} ({reason}); start the service with `botlogs serve`, or say where with --url"
        )


def path_of(conversation: str, rest: str = "") -> str:
    """Return the API's path of a conversation, by its id or trace id."""
    return f"/conversations/{urllib.parse.quote(conversation, safe='')}{rest}"


def _opened(request: urllib.request.Request, timeout_s: float) -> http.client.HTTPResponse:
    if request.type not in ("http", "https"):
        raise ValueError("an address begins with http:// or https://")
    return cast("http.client.HTTPResponse", urllib.request.urlopen(request, timeout=timeout_s))  # noqa: S310


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _problem(error: urllib.error.HTTPError) -> Json:
    try:
        problem: object = json.load(error)
    except (ValueError, OSError):
        return {}
    return cast("Json", problem) if isinstance(problem, dict) else {}


def _parse_events(lines: Iterator[bytes]) -> Iterator[ServerEvent | None]:
    """Yield events of a text/event-stream; a comment, sent to keep the connection, is None."""
    event_id, name, data = "", "message", list[str]()
    for raw in lines:
        line = raw.decode("utf-8", "replace").rstrip("\r\n")
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line:
            if data:
                yield ServerEvent(id=event_id, name=name, data=cast("Json", json.loads("\n".join(data))))
            name, data = "message", []
        elif not field:
            yield None
        elif field == "id":
            event_id = value
        elif field == "event":
            name = value
        elif field == "data":
            data.append(value)
