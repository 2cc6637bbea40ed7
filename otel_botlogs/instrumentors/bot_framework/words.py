"""How the two packages name the same things: enumerations or texts, by position or by keyword."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def argument(args: Sequence[Any], kwargs: Mapping[str, Any], position: int, name: str) -> Any:
    """Return an argument of a wrapped call, however it was given."""
    return args[position] if len(args) > position else kwargs[name]


def text_of(value: Any) -> str | None:
    """Return a text, or an enumeration's value as text."""
    return None if value is None else str(getattr(value, "value", value))


def reason_of(reason: Any) -> str:
    """Return the runtime's own name of why a step runs or a dialog ends (`NextCalled`)."""
    return getattr(reason, "name", None) or str(reason)


def said(activity: Any) -> str:
    """Return the words of a message, or which cards it shows."""
    return activity.text or ", ".join(str(card.content_type) for card in activity.attachments or ())


def attempt_of(state: Mapping[str, Any]) -> int | None:
    """Return how often the prompt was answered: the Agents SDK counts always, botbuilder if there is a validator."""
    counted = (state.get("state") or {}).get("AttemptCount")
    attempts = counted or getattr(state.get("options"), "number_of_attempts", None)
    return int(attempts) if attempts else None
