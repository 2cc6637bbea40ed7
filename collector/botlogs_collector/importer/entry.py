"""One piece of a file that stands or falls alone: a line, a message, a trace."""

from dataclasses import dataclass
from typing import Final

# Longer ones are skipped unread, so that no file can fill the memory: parsed, JSON is about ten times as large.
MAX_ENTRY_BYTES: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """`number` counts from 1; `data` is None where there is more than MAX_ENTRY_BYTES of it.

    `end` is the offset in the (inflated) file after it, 0 where one cannot go on from an offset.
    """

    number: int
    data: bytes | None
    end: int = 0
