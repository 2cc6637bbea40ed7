"""Whoever changes something from a browser does it from a page of ours: others' pages are refused.

A browser says where a request comes from in `Origin`, and in `Sec-Fetch-Site` even where it leaves that out.
"""

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
            if origin is None:
                is_own = headers.get("sec-fetch-site", "none") in ("same-origin", "none")
            else:
                is_own = origin in self._origins or _host_of(origin) == headers.get("host")
            if not is_own:
                whose = origin or "another site"
                body = http_problem(403, f"pages of {whose} may not change anything here; see api.cors_origins")
                await Response(body, 403, media_type=MEDIA_TYPE)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _host_of(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""
