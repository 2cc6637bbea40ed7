"""Nothing reaches the bot: what goes wrong in the plugin is counted, told once, and dropped.

The internal logger does not propagate, so telling can never come back in as a log event.
"""

from __future__ import annotations

import logging
from collections import Counter
from typing import Final

INTERNAL_LOGGER: Final = logging.getLogger("otel_botlogs")
INTERNAL_LOGGER.propagate = False

_MAX_PLACES: Final = 200
_counts: Counter[str] = Counter()
_told: set[str] = set()


def note(where: str, error: BaseException) -> None:
    """Count *error* at *where* and tell it the first time; its text is not told, it may quote a user."""
    _count(where)
    kind = f"{where}: {type(error).__name__}"
    tell_once(
        kind,
        f"{kind}; the bot runs on, this piece of telemetry is lost. Set BOTLOGS_DEBUG=true for tracebacks.",
    )
    INTERNAL_LOGGER.debug("%s", kind, exc_info=error)


def drop(reason: str, message: str) -> None:
    """Count a piece of telemetry lost for *reason* and tell *message* the first time."""
    _count(reason)
    tell_once(reason, message)


def tell_once(key: str, message: str) -> None:
    """Write *message* as a warning, once per *key* and process."""
    if key in _told or len(_told) >= _MAX_PLACES:
        return
    _told.add(key)
    INTERNAL_LOGGER.warning("otel_botlogs: %s", message)


def counts() -> dict[str, int]:
    """Return how often each thing went wrong since the process started, by place or reason."""
    return dict(_counts)


def reset() -> None:
    """Forget all counts and what was told (tests)."""
    _counts.clear()
    _told.clear()


def _count(where: str) -> None:
    _counts[where if where in _counts or len(_counts) < _MAX_PLACES else "other"] += 1
