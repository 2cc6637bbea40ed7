"""The console's static files, from the package that holds them, and short addresses that lead to its pages."""

import hashlib
import mimetypes
from typing import Final
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from botlogs_dashboards.files import CONSOLE_FOLDER, SECURITY_HEADERS

_TYPES: Final = {".js": "text/javascript", ".mjs": "text/javascript", ".svg": "image/svg+xml"}
_NOT_HERE: Final = "there is no such page"


def routes() -> list[BaseRoute]:
    """Return the routes of the console; they come last, since they take what nothing else took."""

    async def index(request: Request) -> Response:
        return _file("index.html", request)

    async def login(request: Request) -> Response:
        return _file("login.html", request)

    async def conversation(request: Request) -> Response:
        return _page("conversation.html", request)

    async def flow(request: Request) -> Response:
        return _page("flow.html", request)

    async def asset(request: Request) -> Response:
        return _file(request.path_params["path"], request)

    return [
        Route("/", index),
        Route("/login", login),
        Route("/conversations", index),
        Route("/conversations/{id:path}", conversation),
        Route("/flows/{id:path}", flow),
        Route("/{path:path}", asset),
    ]


def _page(name: str, request: Request) -> Response:
    """Lead from an address that a person can type to the page that shows it."""
    query = {"id": request.path_params["id"], **request.query_params}
    return RedirectResponse(f"/{name}?{urlencode(query)}", 307)


def _file(path: str, request: Request) -> Response:
    try:
        file = (CONSOLE_FOLDER / path).resolve()
        if not file.is_relative_to(CONSOLE_FOLDER.resolve()):
            raise HTTPException(404, _NOT_HERE)
        content = file.read_bytes()
    except (OSError, ValueError):
        raise HTTPException(404, _NOT_HERE) from None
    headers = {**SECURITY_HEADERS, "etag": f'"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'}
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    media_type = _TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return Response(content, headers=headers, media_type=media_type)
