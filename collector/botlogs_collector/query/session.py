"""A browser's session: a token is shown once and never again kept where a script could read it."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from botlogs_collector.access.guard import Guard
from botlogs_collector.access.principal import Principal
from botlogs_collector.access.session import COOKIE, LIFETIME_S
from botlogs_collector.errors import InvalidRequest
from botlogs_collector.query.body import json_object
from botlogs_collector.query.wire import to_json

_MAX_BODY: Final = 4096
_NOBODY: Final = Principal(name="", roles=frozenset())
_NO_STORE: Final = {"cache-control": "no-store"}


class SessionApi:
    """Says who asks, and makes and ends sessions."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    def routes(self, path: str) -> list[BaseRoute]:
        """Return the routes at *path*, which anybody may ask."""
        return [
            Route(path, self._who, methods=["GET"]),
            Route(path, self._begin, methods=["POST"]),
            Route(path, self._end, methods=["DELETE"]),
        ]

    async def _who(self, request: Request) -> Response:
        shown = request.headers.get("authorization"), request.cookies.get(COOKIE)
        if shown == (None, None) and not self._guard.is_open:
            return self._answer(_NOBODY)
        return self._answer(self._guard.principal(*shown))

    async def _begin(self, request: Request) -> Response:
        session, principal = self._guard.session_for(await _token(request))
        answer = self._answer(principal)
        answer.set_cookie(
            COOKIE, session, max_age=LIFETIME_S, path="/", httponly=True, samesite="strict", secure=_is_secure(request)
        )
        return answer

    async def _end(self, request: Request) -> Response:
        answer = Response(status_code=204, headers=_NO_STORE)
        answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict", secure=_is_secure(request))
        return answer

    def _answer(self, principal: Principal) -> Response:
        who = {
            "tokens": not self._guard.is_open,
            "name": principal.name,
            "roles": sorted(principal.roles),
            "bots": sorted(principal.bots),
        }
        return Response(to_json(who), headers=_NO_STORE, media_type="application/json")


def _is_secure(request: Request) -> bool:
    return request.url.scheme == "https"


async def _token(request: Request) -> str:
    token = (await json_object(request, _MAX_BODY)).get("token")
    if not isinstance(token, str):
        raise InvalidRequest('the body must be {"token": "bl_…"}')
    return token.strip()
