"""Whoever changes something from a browser does it from a page of ours: others' pages are refused."""

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from botlogs_collector.query.problems import MEDIA_TYPE, http_problem

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class OwnOrigins:
    """ASGI middleware: a request that may change something, with a foreign `Origin`, gets 403."""

    def __init__(self, app: ASGIApp, origins: tuple[str, ...]) -> None:
        self._app = app
        self._origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what may pass."""
        if scope["type"] == "http" and scope["method"] not in _SAFE:
            headers = Request(scope).headers
            origin = headers.get("origin")
            is_own = origin is None or origin in self._origins or urlsplit(origin).netloc == headers.get("host")
            if not is_own:
                body = http_problem(403, f"pages of {origin} may not change anything here; see api.cors_origins")
                await Response(body, 403, media_type=MEDIA_TYPE)(scope, receive, send)
                return
        await self._app(scope, receive, send)
