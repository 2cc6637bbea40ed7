"""Requests cut into ones of bearable size: at resources, else at scopes, else between spans or log records."""

import copy
from collections.abc import Iterator
from typing import Any

from botlogs_collector.importer.parse import Request

_PARTS = ("resource_spans", "resource_logs", "scope_spans", "scope_logs", "spans", "log_records")


def cut_request(request: Request, max_bytes: int) -> Iterator[Request]:
    """Yield *request* in parts of at most *max_bytes*, as far as single spans or records allow."""
    if request.ByteSize() <= max_bytes:
        yield request
        return
    field = _parted(request)
    if field is None:
        yield request
        return
    for first_half in (True, False):
        half = copy.deepcopy(request)
        items = _innermost(half, field)
        middle = len(items) // 2
        del items[middle if first_half else 0 : None if first_half else middle]
        yield from cut_request(half, max_bytes)


def _parted(message: Any) -> str | None:
    """Return the outermost field with more than one item, on the way of single ones."""
    for name in _PARTS:
        items = getattr(message, name, None)
        if items is None:
            continue
        if len(items) > 1:
            return name
        return _parted(items[0]) if len(items) else None
    return None


def _innermost(message: Any, field: str) -> Any:
    """Return the items of *field*, found by going down the single ones."""
    items = getattr(message, field, None)
    if items is not None:
        return items
    name = next(name for name in _PARTS if hasattr(message, name))
    return _innermost(getattr(message, name)[0], field)
