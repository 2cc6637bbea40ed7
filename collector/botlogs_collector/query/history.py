"""The complete history over HTTP: restores, grants, and what changed policies would do."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from botlogs_collector.access.principal import Principal, current
from botlogs_collector.config.duration import parse_duration
from botlogs_collector.errors import Forbidden, InvalidRequest, NotFound, Overloaded
from botlogs_collector.model.grant import Grant, Scope
from botlogs_collector.query.access import Access
from botlogs_collector.query.body import json_object
from botlogs_collector.query.policy_file import policies_of
from botlogs_collector.query.times import parse_time
from botlogs_collector.query.wire import to_json
from botlogs_collector.release_ports import History, WhatIf

_MAX_BODY = 256 * 1024
_SCOPES = ("bot_id", "conversation_id", "user_id", "node_id", "environment")
FOR_GOOD = 9_223_372_036_000_000_000  # the last second of Unix nanoseconds: a grant without `until`
_Body = Mapping[str, object]


class HistoryApi:
    """Routes under *prefix*; every call runs in a thread of its own, a what-if alone."""

    def __init__(self, history: History, what_if: WhatIf, access: Access, prefix: str) -> None:
        self._history = history
        self._what_if = what_if
        self._access = access
        self._prefix = prefix
        self._replaying = False

    def routes(self) -> list[BaseRoute]:
        """Return the routes, to stand before those that read."""
        return [
            self._route("/conversations/{id:path}/restore", self._restore, "POST"),
            self._route("/grants", self._grants, "GET"),
            self._route("/grants", self._grant, "POST"),
            self._route("/grants/{id}", self._revoke, "DELETE"),
            self._route("/policies/what-if", self._replay, "POST"),
        ]

    def _route(self, path: str, call: Callable[[Request], Awaitable[Response]], method: str) -> Route:
        return Route(f"{self._prefix}{path}", call, methods=[method])

    async def _restore(self, request: Request) -> Response:
        body = await _body(request, "reason", "by", optional=True)
        principal = current()
        principal.demand("grant")
        conversation = request.path_params["id"]
        if principal.bots:  # its own, not another bot's conversation of the same id
            conversation = (await self._access.row(conversation)).key
        by, reason = _by(principal, body), _text(body, "reason", "")
        receipts = await asyncio.to_thread(self._history.restore, conversation, by=by, reason=reason)
        return _answer({"conversation_id": receipts[0].conversation_id, "state": "restored"}, 202)

    async def _grants(self, _request: Request) -> Response:
        principal = current()
        principal.demand("see_grants")
        grants = [each for each in await asyncio.to_thread(self._history.grants) if _is_about(principal, each.scope)]
        return _answer({"items": [_shown(grant) for grant in grants], "next_cursor": None})

    async def _grant(self, request: Request) -> Response:
        body = await _body(request, "scope", "from", "until", "reason", "by")
        principal, scope = current(), _scope(body.get("scope"))
        principal.demand("grant")
        if not _is_about(principal, scope):
            raise Forbidden(
                f"the token {principal.name!r} grants for bot_id {' or '.join(sorted(principal.bots))} alone"
            )
        until = _text(body, "until", "")
        start = _text(body, "from", "")
        grant = await asyncio.to_thread(
            self._history.grant,
            scope,
            from_unix_nano=parse_time(start, "from") if start else None,
            until_unix_nano=parse_time(until, "until") if until else FOR_GOOD,
            reason=_text(body, "reason", ""),
            by=_by(principal, body),
        )
        return _answer(_shown(grant), 201)

    async def _revoke(self, request: Request) -> Response:
        principal, grant_id = current(), request.path_params["id"]
        principal.demand("grant")
        mine = [
            each.grant_id for each in await asyncio.to_thread(self._history.grants) if _is_about(principal, each.scope)
        ]
        if principal.bots and grant_id not in mine:
            raise NotFound(f"there is no grant {grant_id!r} in force")
        await asyncio.to_thread(self._history.revoke, grant_id, by=principal.name or "api")
        return Response(status_code=204)

    async def _replay(self, request: Request) -> Response:
        body = await _body(request, "policies", "policy_file", "since")
        principal = current()
        principal.demand("what_if")
        principal.demand_all_bots()
        since = _text(body, "since", "24h")
        try:
            since_ns = parse_duration(since)
        except ValueError as error:
            raise InvalidRequest(f"since: {error}") from None
        policies = policies_of(body)
        if self._replaying:
            raise Overloaded("another what-if is running; try again when it is done", retry_after_s=5)
        self._replaying = True
        try:
            return _answer(await asyncio.to_thread(self._what_if.replay, policies, since_ns))
        finally:
            self._replaying = False


async def _body(request: Request, *known: str, optional: bool = False) -> _Body:
    """Return the JSON object sent, whose fields are of *known*."""
    fields = await json_object(request, _MAX_BODY, optional=optional)
    if unknown := sorted(set(fields) - set(known)):
        raise InvalidRequest(f"unknown field {unknown[0]!r}; known are {', '.join(known)}")
    return fields


def _text(body: _Body, key: str, default: str) -> str:
    value = body.get(key)
    if value is None:
        return default
    if not isinstance(value, str) or len(value) > 1000:
        raise InvalidRequest(f"{key} must be text of at most 1000 characters")
    return value


def _by(principal: Principal, body: _Body) -> str:
    """Return who orders it: a token's name cannot be argued with."""
    return principal.name or _text(body, "by", "api")


def _is_about(principal: Principal, scope: Scope) -> bool:
    """Whether a grant's *scope* lies within the bots of whoever asks."""
    return not principal.bots or scope.bot_id in principal.bots


def _scope(raw: object) -> Scope:
    if not isinstance(raw, dict):
        raise InvalidRequest(f"scope must be an object with one or more of {', '.join(_SCOPES)}")
    fields = cast("dict[str, object]", raw)
    if unknown := sorted(set(fields) - set(_SCOPES)):
        raise InvalidRequest(f"unknown scope {unknown[0]!r}; known are {', '.join(_SCOPES)}")
    return Scope(**{key: _text(fields, key, "") for key in fields})


def _shown(grant: Grant) -> dict[str, object]:
    scope = {key: value for key in _SCOPES if (value := getattr(grant.scope, key))}
    return {
        "grant_id": grant.grant_id,
        "scope": scope,
        "from": str(grant.from_unix_nano),
        "until": str(grant.until_unix_nano),
        "reason": grant.reason,
        "by": grant.by,
    }


def _answer(value: object, status: int = 200) -> Response:
    return Response(to_json(value), status, {"cache-control": "no-store"}, "application/json")
