"""A page of a list, and how long one may be."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from botlogs_collector.errors import InvalidRequest

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """Some items and where the next ones are; `next_cursor` is None at the end."""

    items: list[T] = field(default_factory=list[T])
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TotalPage(Page[T]):
    """A page that says how many items there are on all pages."""

    total: int = 0


def checked_limit(limit: int | None, *, default: int, highest: int) -> int:
    """Return *limit* or *default*.

    Raises:
        InvalidRequest: it is not from 1 to *highest*.
    """
    if limit is None:
        return default
    if not 1 <= limit <= highest:
        msg = f"limit must be from 1 to {highest}, not {limit}"
        raise InvalidRequest(msg)
    return limit
