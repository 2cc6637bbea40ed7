"""The query API over HTTP, and the console's pages: routes, checked parameters, JSON."""

import contextlib
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Match, Route

from botlogs_collector.access.guard import Guard
from botlogs_collector.access.http_door import Doors, HttpDoor
from botlogs_collector.config.settings import Settings
from botlogs_collector.errors import BotLogsError
from botlogs_collector.model.reading import ConversationFilter
from botlogs_collector.query import pages
from botlogs_collector.query.follow import StreamEvent
from botlogs_collector.query.headers import SecurityHeaders
from botlogs_collector.query.openapi import document
from botlogs_collector.query.origins import OwnOrigins
from botlogs_collector.query.params import Params, checked_state
from botlogs_collector.query.problems import MEDIA_TYPE, http_problem, problem
from botlogs_collector.query.service import QueryService
from botlogs_collector.query.session import SessionApi
from botlogs_collector.query.wire import to_json

PREFIX = "/api/v1"
_SESSION = f"{PREFIX}/session"
_DOORS = Doors(
    closed={f"{PREFIX}/": None, "/metrics": "operate"},
    ajar=frozenset({f"{PREFIX}/openapi.json", _SESSION}),
)
_NO_STORE = {"cache-control": "no-store"}
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
Endpoint = Callable[[QueryService, Request], Awaitable[object]]


def create_app(
    service: QueryService,
    settings: Settings,
    guard: Guard,
    *,
    extra_routes: Sequence[BaseRoute] = (),
    middleware: Sequence[Middleware] = (),
) -> Starlette:
    """Return the application; *extra_routes* are health, metrics and what other parts offer readers."""
    api = [
        Route(f"{PREFIX}{path}", _endpoint(service, call), methods=["GET"], name=call.__name__)
        for path, call in ENDPOINTS.items()
    ]
    cors = Middleware(
        CORSMiddleware,
        allow_origins=list(settings.api.cors_origins),
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["authorization", "content-type", "last-event-id"],
        max_age=600,
    )
    return Starlette(
        routes=[
            *extra_routes,
            *SessionApi(guard).routes(_SESSION),
            *api,
            *(Route(path, _unknown, methods=_METHODS) for path in (PREFIX, f"{PREFIX}/{{rest:path}}")),
            *pages.routes(),
        ],
        middleware=[
            Middleware(SecurityHeaders, settings=settings),
            cors,
            Middleware(OwnOrigins, origins=settings.api.cors_origins),
            Middleware(HttpDoor, guard=guard, doors=_DOORS, refuse=_turn_away),
            *middleware,
        ],
        exception_handlers={
            BotLogsError: _refuse,
            TimeoutError: _refuse,
            HTTPException: _refuse_http,
            Exception: _refuse,
        },
    )


async def conversations(service: QueryService, request: Request) -> object:
    """One page of the conversation list."""
    params = Params(
        request.query_params,
        *("environment", "bot", "state", "from", "to", "q", "flow", "node", "channel", "user", "tag", "has_error"),
        *("limit", "cursor"),
    )
    wanted = ConversationFilter(
        environment=params.text("environment"),
        bot=params.text("bot"),
        state=checked_state(params.text("state")),
        channel=params.text("channel"),
        user=params.text("user"),
        flow=params.text("flow"),
        node=params.text("node"),
        tag=params.text("tag"),
        text=params.text("q"),
        has_error=params.boolean("has_error"),
        from_unix_nano=params.time("from"),
        to_unix_nano=params.time("to"),
    )
    return await service.conversations.page(wanted, params.integer("limit"), params.optional("cursor"))


async def conversation(service: QueryService, request: Request) -> object:
    """One conversation and its receipt."""
    Params(request.query_params)
    return await service.conversations.get(request.path_params["id"])


async def timeline(service: QueryService, request: Request) -> object:
    """One page of a conversation's timeline."""
    params = Params(request.query_params, "after", "before", "at", "limit")
    identifier = request.path_params["id"]
    # Before the page: what comes between the two is in both, and readers know an item by its id.
    since = service.follow.now()
    page = await service.timeline.page(
        identifier,
        params.optional("after"),
        params.integer("limit"),
        before=params.optional("before"),
        at=params.time("at"),
    )
    stream_id = await service.follow.beginning(identifier, since)
    cursors = {"next_cursor": page.next_cursor, "previous_cursor": page.previous_cursor}
    return {"items": page.items, **cursors, "stream_id": stream_id}


async def stream(service: QueryService, request: Request) -> object:
    """Server-sent events: one timeline item each; comments are heartbeats and the reason of an end."""
    params = Params(request.query_params, "last_event_id")
    last = request.headers.get("last-event-id") or params.text("last_event_id")
    events = await service.follow.open(request.path_params["id"], last)
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(_server_sent(events), media_type="text/event-stream", headers=headers)


async def _server_sent(events: AsyncGenerator[StreamEvent]) -> AsyncGenerator[bytes]:
    yield b"retry: 1000\n\n"
    async with contextlib.aclosing(events):
        async for event in events:
            if event.item is not None:
                name = f"id: {event.event_id}\n".encode() if event.event_id else b""
                yield name + b"data: " + to_json(event.item) + b"\n\n"
            else:
                yield f": {event.dropped or 'still here'}\n\n".encode()


async def logs(service: QueryService, request: Request) -> object:
    """Full log events."""
    params = Params(request.query_params, "at", "node_action_id", "event_name", "q", "limit", "cursor")
    return await service.logs.page(
        request.path_params["id"],
        at=params.time("at"),
        node_action_id=params.optional("node_action_id"),
        event_name=params.optional("event_name"),
        text=params.optional("q"),
        limit=params.integer("limit"),
        cursor=params.optional("cursor"),
    )


async def node(service: QueryService, request: Request) -> object:
    """The node action that was active at an instant."""
    params = Params(request.query_params, "at")
    return await service.nodes.at(request.path_params["id"], params.required_time("at"))


async def trace(service: QueryService, request: Request) -> object:
    """The conversation as OTLP/JSON."""
    Params(request.query_params)
    body = json.dumps(await service.trace.get(request.path_params["id"]), ensure_ascii=False, separators=(",", ":"))
    return Response(body.encode("utf-8", "replace"), media_type="application/json", headers=_NO_STORE)


async def variables(service: QueryService, request: Request) -> object:
    """The variables as they were at an instant."""
    params = Params(request.query_params, "at")
    found = await service.walk.variables(request.path_params["id"], params.time("at"))
    return {"items": found, "next_cursor": None}


async def path(service: QueryService, request: Request) -> object:
    """The node actions of a conversation, in the order in which they began."""
    params = Params(request.query_params, "node", "flow", "limit", "cursor")
    page = await service.walk.path(
        request.path_params["id"],
        node=params.text("node"),
        flow=params.text("flow"),
        limit=params.integer("limit"),
        cursor=params.optional("cursor"),
    )
    is_whole = page.total <= len(page.items)
    return {"items": page.items, "next_cursor": page.next_cursor, "total": page.total, "is_whole": is_whole}


async def variable_changes(service: QueryService, request: Request) -> object:
    """The changes of variables, in time order."""
    params = Params(request.query_params, "variable", "limit", "cursor")
    return await service.walk.changes(
        request.path_params["id"],
        variable=params.text("variable"),
        limit=params.integer("limit"),
        cursor=params.optional("cursor"),
    )


async def markdown(service: QueryService, request: Request) -> object:
    """The conversation as Markdown, for a ticket."""
    Params(request.query_params)
    lines = await service.walk.markdown(request.path_params["id"])
    text = (f"{line}\n".encode("utf-8", "replace") async for line in lines)
    return StreamingResponse(text, media_type="text/markdown; charset=utf-8", headers=_NO_STORE)


async def flow(service: QueryService, request: Request) -> object:
    """A flow's graph and its use."""
    params = Params(request.query_params, "version", "bot", "environment", "from", "to")
    return await service.flows.get(
        request.path_params["id"],
        version=params.text("version"),
        bot=params.text("bot"),
        environment=params.text("environment"),
        from_unix_nano=params.time("from"),
        to_unix_nano=params.time("to"),
    )


async def openapi(_service: QueryService, request: Request) -> object:
    """What there is, for programs."""
    Params(request.query_params)
    body = json.dumps(document(PREFIX), separators=(",", ":")).encode()
    return Response(body, media_type="application/json", headers={"cache-control": "max-age=300"})


ENDPOINTS: dict[str, Endpoint] = {
    "/openapi.json": openapi,
    "/conversations": conversations,
    # Ids may hold slashes; the longer addresses come first.
    "/conversations/{id:path}/timeline": timeline,
    "/conversations/{id:path}/stream": stream,
    "/conversations/{id:path}/trace": trace,
    "/conversations/{id:path}/variables": variables,
    "/conversations/{id:path}/variable-changes": variable_changes,
    "/conversations/{id:path}/path": path,
    "/conversations/{id:path}/markdown": markdown,
    "/conversations/{id:path}/logs": logs,
    "/conversations/{id:path}/node": node,
    "/conversations/{id:path}": conversation,
    "/flows/{id:path}": flow,
}


def _endpoint(service: QueryService, call: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        answer = await call(service, request)
        if isinstance(answer, Response):
            return answer
        return Response(to_json(answer), media_type="application/json", headers=_NO_STORE)

    return endpoint


async def _unknown(request: Request) -> Response:
    path = request.url.path
    if allowed := _methods_of(request):
        offered = ", ".join(sorted(allowed))
        raise HTTPException(405, f"{path} takes {offered}, not {request.method}", {"allow": offered})
    raise HTTPException(404, f"there is no {path}; {PREFIX}/openapi.json lists what there is")


def _methods_of(request: Request) -> set[str]:
    """Return the methods of those calls whose address is that of *request*."""
    routes = [route for route in request.app.routes if isinstance(route, Route) and route.path.startswith(PREFIX)]
    return {
        method
        for route in routes
        if route.endpoint is not _unknown and route.matches(request.scope)[0] is not Match.NONE
        for method in route.methods or ()
    }


async def _refuse(_request: Request, error: Exception) -> Response:
    status, headers, body = problem(error)
    return Response(body, status, headers)


def _turn_away(_request: Request, error: BotLogsError) -> Response:
    status, headers, body = problem(error)
    return Response(body, status, headers)


async def _refuse_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = {**(error.headers or {}), "content-type": MEDIA_TYPE}
    detail = error.detail
    if error.status_code == 405 and detail == "Method Not Allowed":  # the router's own words
        detail = f"{request.url.path} takes {headers.get('Allow', 'other methods')}, not {request.method}"
    return Response(http_problem(error.status_code, detail), error.status_code, headers)
