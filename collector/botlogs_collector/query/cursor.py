"""Page cursors: opaque to readers, tied to the query they came from, refused anywhere else."""

import base64
import binascii
import hashlib
import json
from typing import Final, cast

from botlogs_collector.errors import InvalidRequest

MAX_LENGTH: Final = 4096
_BAD = "this cursor is not one of this query's; leave it out to start over"


def encode(query: object, position: tuple[int | str, ...]) -> str:
    """Return a cursor for *position* in the result of *query*, which must have a stable repr."""
    payload = json.dumps([_fingerprint(query), *position], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(payload.encode("utf-8", "surrogatepass")).decode().rstrip("=")


def decode(query: object, cursor: str, shape: tuple[type, ...]) -> tuple[int | str, ...]:
    """Return the position in *cursor*; *shape* are the types of its parts.

    Raises:
        InvalidRequest: it is none, or another query's.
    """
    if len(cursor) > MAX_LENGTH:
        raise InvalidRequest(_BAD)
    try:
        payload: object = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        raise InvalidRequest(_BAD) from None
    if not isinstance(payload, list) or not payload:
        raise InvalidRequest(_BAD)
    mark, *position = cast("list[object]", payload)
    if mark != _fingerprint(query) or tuple(type(part) for part in position) != shape:
        raise InvalidRequest(_BAD)
    if any(isinstance(part, int) and not -(2**63) <= part < 2**63 for part in position):
        raise InvalidRequest(_BAD)
    return tuple(cast("list[int | str]", position))


def _fingerprint(query: object) -> str:
    return hashlib.blake2b(repr(query).encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
