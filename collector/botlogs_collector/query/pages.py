"""The console's static files, from the package that holds them; every page address serves the one page."""

import hashlib
import mimetypes
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

_INDEX: Final = "index.html"
# Addresses that the console's own router shows.
_PAGES: Final = (
    "/",
    "/conversations",
    "/conversations/{rest:path}",
    "/flows",
    "/flows/{rest:path}",
    "/live",
    "/compare",
)
_TYPES: Final = {".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml",
                 ".html": "text/html", ".json": "application/json", ".woff2": "font/woff2"}  # fmt: skip


def routes() -> list[BaseRoute]:
    """Return the routes of the console; they come last, since they take what nothing else took."""
    root = files("botlogs_dashboards") / "console"

    async def page(request: Request) -> Response:
        return _file(root, _INDEX, request)

    async def asset(request: Request) -> Response:
        return _file(root, request.path_params["path"], request)

    return [*(Route(path, page) for path in _PAGES), Route("/{path:path}", asset)]


def _file(root: Traversable, path: str, request: Request) -> Response:
    parts = path.split("/")
    if any(part in ("", ".", "..") or "\\" in part or "\0" in part for part in parts):
        raise HTTPException(404, "there is no such page")
    entry = root.joinpath(*parts)
    try:
        content = entry.read_bytes()
    except (OSError, ValueError):
        raise HTTPException(404, "there is no such page") from None
    etag = f'"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'
    headers = {"etag": etag, "cache-control": "no-cache"}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    suffix = "." + parts[-1].rpartition(".")[2]
    media_type = _TYPES.get(suffix) or mimetypes.guess_type(parts[-1])[0] or "application/octet-stream"
    return Response(content, headers=headers, media_type=media_type)
