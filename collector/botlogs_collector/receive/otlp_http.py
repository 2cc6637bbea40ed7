"""OTLP/HTTP: /v1/traces and /v1/logs, Protobuf and JSON, with the encodings of ENCODINGS."""

from collections.abc import Mapping

from google.protobuf import json_format
from google.protobuf.message import Message
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from botlogs_collector import errors
from botlogs_collector.access.guard import Guard
from botlogs_collector.access.http_door import Doors, HttpDoor
from botlogs_collector.access.principal import current
from botlogs_collector.otlp.status import http_status, status_details
from botlogs_collector.ports import Signal
from botlogs_collector.receive.fairness import Shares
from botlogs_collector.receive.inflate import ENCODINGS, TooLarge, inflate
from botlogs_collector.receive.receiver import Receiver

_PROTOBUF = "application/x-protobuf"
_JSON = "application/json"
# A body of up to so many times the limit is heard out before it is refused.
_PATIENCE = 4
# What a body that does not say its size counts for among those of its sender.
_UNDECLARED_BYTES = 1024 * 1024
_DOORS = Doors(closed={"/v1/": "send", "/metrics": "operate"})


class _Unsupported(errors.Permanent):
    """A media type or encoding that OTLP/HTTP does not know."""


def create_app(
    receiver: Receiver, guard: Guard, shares: Shares, max_request_bytes: int, extra_routes: list[BaseRoute]
) -> Starlette:
    """Return the application, with *guard* at its door; *extra_routes* are health and metrics."""

    def endpoint(signal: Signal) -> Route:
        async def export(request: Request) -> Response:
            bots = frozenset[str]() if guard.is_open else current().bots
            sender = (request.client.host if request.client else "") if guard.is_open else current().name
            try:
                with shares.taken(signal, sender, _size(request)):
                    return await _export(receiver, signal, request, bots, max_request_bytes)
            except errors.Overloaded as error:
                return _refusal(error, is_json=_is_json(request))

        return Route(f"/v1/{signal}", export, methods=["POST"])

    async def metrics(request: Request) -> Response:
        error = errors.Permanent("metrics are not handled here: this collector takes traces and logs")
        return _answer(status_details(error), 501, is_json=_is_json(request))

    return Starlette(
        routes=[endpoint("traces"), endpoint("logs"), Route("/v1/metrics", metrics, methods=["POST"]), *extra_routes],
        exception_handlers={HTTPException: _refuse_http},
        middleware=[] if guard.is_open else [Middleware(HttpDoor, guard=guard, doors=_DOORS, refuse=_turn_away)],
    )


async def _export(
    receiver: Receiver, signal: Signal, request: Request, bots: frozenset[str], max_bytes: int
) -> Response:
    is_json = _is_json(request)
    try:
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type not in (_PROTOBUF, _JSON):
            raise _Unsupported(f"content-type {media_type!r} is not supported; use {_PROTOBUF} or {_JSON}")
        encoding = request.headers.get("content-encoding", "identity").strip().lower() or "identity"
        if encoding not in ENCODINGS:
            raise _Unsupported(f"content-encoding {encoding!r} is not supported; use one of {', '.join(ENCODINGS)}")
        body = inflate(await _read(request, max_bytes), encoding, max_bytes)
        return _answer(await receiver.export(signal, body, is_json=is_json, bots=bots), 200, is_json=is_json)
    except _Unsupported as error:
        return _answer(status_details(error), 415, is_json=is_json)
    except TooLarge as error:
        return _answer(status_details(error), 413, is_json=is_json)
    except ClientDisconnect:
        return Response(status_code=499)
    except errors.BotLogsError as error:
        return _refusal(error, is_json=is_json)


def _refusal(error: errors.BotLogsError, *, is_json: bool) -> Response:
    headers: dict[str, str] = {}
    if isinstance(error, errors.Retryable):
        headers["retry-after"] = str(max(1, round(error.retry_after_s)))
    return _answer(status_details(error), http_status(error), is_json=is_json, headers=headers)


def _size(request: Request) -> int:
    """Return how much a request says that it will send."""
    return int(request.headers.get("content-length") or _UNDECLARED_BYTES)


async def _read(request: Request, max_bytes: int) -> bytes:
    """Return the body.

    One that is too large is read on for a while and thrown away: many clients do not look for an answer
    before they have sent everything, and would see a broken connection instead of what is wrong.
    """
    too_large = TooLarge(f"the body is larger than {max_bytes} bytes; send smaller batches")
    if int(request.headers.get("content-length") or 0) > _PATIENCE * max_bytes:
        raise too_large
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= max_bytes:
            chunks.append(chunk)
        elif size > _PATIENCE * max_bytes:
            raise too_large
    if size > max_bytes:
        raise too_large
    return b"".join(chunks)


def _turn_away(request: Request, error: errors.BotLogsError) -> Response:
    headers = {"www-authenticate": "Bearer"} if isinstance(error, errors.Unauthenticated) else None
    return _answer(status_details(error), http_status(error), is_json=_is_json(request), headers=headers)


async def _refuse_http(request: Request, error: Exception) -> Response:
    """Say what the router refuses: another address, another method."""
    assert isinstance(error, HTTPException)
    said = error.detail
    if error.status_code == 404:
        said = f"there is no {request.url.path[:200]} on this port; OTLP goes to POST /v1/traces and POST /v1/logs"
    elif error.status_code == 405:
        said = f"{request.url.path} takes {(error.headers or {}).get('Allow', 'other methods')}, not {request.method}"
    return _answer(
        status_details(errors.Permanent(said)), error.status_code, is_json=_is_json(request), headers=error.headers
    )


def _is_json(request: Request) -> bool:
    """Whether to answer in JSON: in the media type of the request, and whoever sends none that we know reads text."""
    return not request.headers.get("content-type", "").lower().startswith(_PROTOBUF)


def _answer(message: Message, status: int, *, is_json: bool, headers: Mapping[str, str] | None = None) -> Response:
    """OTLP/HTTP answers in the media type of the request, errors as google.rpc.Status."""
    if is_json:
        return Response(json_format.MessageToJson(message, indent=None), status, headers, _JSON)
    return Response(message.SerializeToString(), status, headers, _PROTOBUF)
