"""The door of an HTTP port: who asks is known before anything is read."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from botlogs_collector.access.guard import Guard
from botlogs_collector.access.principal import Right, enter, leave
from botlogs_collector.access.session import COOKIE
from botlogs_collector.errors import BotLogsError

Refuse = Callable[[Request, BotLogsError], Response]


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """What of a port is closed: beginnings of paths, each with the right that it takes (None: any token).

    `ajar` are paths below them that anybody may ask for.
    """

    closed: Mapping[str, Right | None]
    ajar: Collection[str] = field(default_factory=frozenset[str])


class HttpDoor:
    """ASGI middleware: refuses as *refuse* says, or notes who asks and passes on."""

    def __init__(self, app: ASGIApp, *, guard: Guard, doors: Doors, refuse: Refuse) -> None:
        self._app = app
        self._guard = guard
        self._doors = doors
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what may pass."""
        leave()
        if scope["type"] == "http" and not isinstance(right := self._right(scope["path"]), _Open):
            request = Request(scope)
            try:
                principal = self._guard.principal(request.headers.get("authorization"), request.cookies.get(COOKIE))
                if right is not None:
                    principal.demand(right)
            except BotLogsError as error:
                self._guard.refused(error)
                await self._refuse(request, error)(scope, receive, send)
                return
            enter(principal)
        await self._app(scope, receive, send)

    def _right(self, path: str) -> "Right | _Open | None":
        if path in self._doors.ajar:
            return _OPEN
        return next((right for start, right in self._doors.closed.items() if path.startswith(start)), _OPEN)


class _Open:
    """No token is asked for."""


_OPEN = _Open()
