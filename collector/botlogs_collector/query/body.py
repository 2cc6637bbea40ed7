"""The JSON object in a request's body, read up to a limit and no further."""

import json
from typing import cast

from starlette.requests import Request

from botlogs_collector.errors import InvalidRequest


async def json_object(request: Request, max_bytes: int, *, optional: bool = False) -> dict[str, object]:
    """Return the object sent. Only application/json is taken: no other site's form can send it.

    Raises:
        InvalidRequest: it is none, or longer than *max_bytes*; an *optional* one may be left out.
    """
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > max_bytes:
            raise InvalidRequest(f"the body has more than {max_bytes} bytes; no more are taken")
    if optional and not raw and not request.headers.get("content-type"):
        return {}
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise InvalidRequest("the body must be application/json")
    try:
        body: object = json.loads(bytes(raw) or b"{}")
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(f"the body is not JSON: {error}") from None
    if not isinstance(body, dict):
        raise InvalidRequest("the body must be a JSON object")
    return cast("dict[str, object]", body)
