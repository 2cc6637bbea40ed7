"""What of a value leaves the process: whole, redacted, masked, or cut.

*Content* is what a person said and data about them (messages, variables, API bodies). Where it
is not captured, a value leaves as `<masked str len=12 hash=1f2e…>`: its type, its length and a keyed
hash stay, so that "the same as before" can be seen. Everything else (an author's own line and its
attributes) leaves whole, after the rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

from otel_botlogs import guard
from otel_botlogs.config import Settings
from otel_botlogs.identity import keyed_hash
from otel_botlogs.limits import FRAME_BYTES, NUMBER_BYTES, Value, fit, size_of
from otel_botlogs.plain import cut, plain, valid_text
from otel_botlogs.redact import RedactHook, Redaction
from otel_botlogs.semconv import BOT_DROPPED_ATTRIBUTES_COUNT, CONTENT_ATTRIBUTES

__all__ = ["ContentPolicy", "Value", "hashed_user"]

_HASH_DIGITS: Final = 12
_MAX_HASHED: Final = 1 << 20  # characters
_MOST_IN_PLACE: Final = 128  # the SDK's own limit for the attributes of a span
_LEAST_BYTES: Final = 64  # a text for which there is less room is left out


class ContentPolicy:
    """Turns any Python value into one that may leave, within its byte limit."""

    def __init__(self, settings: Settings, redact_hook: RedactHook | None = None) -> None:
        self._captures = settings.captures_content
        self._key = settings.key
        self._max_value_bytes = settings.max_value_bytes
        self._max_event_bytes = settings.max_event_bytes
        self._max_place_bytes = settings.max_event_bytes // 4
        self._most_attributes = settings.max_event_bytes // FRAME_BYTES
        self._redaction = Redaction(settings.redact_names, personal=not self._captures, hook=redact_hook)

    def attribute(self, name: str, value: object) -> Value:
        """Return *value* as the attribute *name* may carry it."""
        return self.content(name, value) if name in CONTENT_ATTRIBUTES else self.ordinary(name, value)

    def content(self, name: str, value: object) -> Value:
        """Return *value*, which is content: redacted where content is captured, else masked."""
        if not self._captures:
            return self.mask(value)
        return self.ordinary(name, value)

    def ordinary(self, name: str, value: object) -> Value:
        """Return *value* after the rules; a value whose rule fails is masked."""
        if self._redaction.is_secret(name):
            return self.mask(value)
        kind = type(value)
        if kind is bool or kind is float:
            return cast("Value", value)
        if kind is int and -(1 << 63) <= cast("int", value) < 1 << 63:
            return cast("int", value)
        text = valid_text(plain(value, self._max_value_bytes, self._secret_masker))
        try:
            text = self._redaction.redact(name, text)
        except Exception as error:  # noqa: BLE001 - a rule that fails hides rather than leaks
            guard.note("redact", error)
            return self.mask(value)
        return cut(text, self._max_value_bytes)

    def mask(self, value: object) -> str:
        """Return the type, the length and the keyed hash of *value* as text.

        The hash is of the first MiB of a text, of a container as far as it could leave.
        """
        text = value[:_MAX_HASHED] if isinstance(value, str) else plain(value, self._max_value_bytes)
        length = len(value) if isinstance(value, (str, bytes)) else len(text)
        digest = keyed_hash(self._key, "mask", text.encode("utf-8", "replace"), digits=_HASH_DIGITS)
        return f"<masked {type(value).__name__} len={length} hash={digest}>"

    def event(self, attributes: Mapping[str, object]) -> dict[str, Value]:
        """Return the attributes of an event as they may leave, no more of them than can be within its limit."""
        safe: dict[str, Value] = {}
        dropped = 0
        for name, value in attributes.items():
            if value is None:
                continue
            if len(safe) >= self._most_attributes:
                dropped += 1
            else:
                safe[valid_text(name)] = self.attribute(name, value)
        if dropped:
            safe[BOT_DROPPED_ATTRIBUTES_COUNT] = dropped
        return safe

    def fit(self, attributes: dict[str, Value], body: str | None) -> str | None:
        """Keep an event within its byte limit: cut the longest values of *attributes* in place, count what is dropped.

        A quarter of the limit is left to what the event's place carries. Return the body.
        """
        before = attributes.pop(BOT_DROPPED_ATTRIBUTES_COUNT, 0)
        body, dropped = fit(attributes, body, self._max_event_bytes - self._max_place_bytes)
        if dropped or before:
            attributes[BOT_DROPPED_ATTRIBUTES_COUNT] = dropped + int(before)
        return body

    def add_to_place(self, place: dict[str, Value], attributes: Mapping[str, object]) -> None:
        """Add *attributes* to those that every span and event of a place carries, while there is room for them.

        A text that does not fit is cut; what does not fit at all is left out, counted, and told once.
        """
        for name, value in attributes.items():
            if value is None:
                continue
            known = name in place
            left = self._max_place_bytes - size_of(place) if known or len(place) < _MOST_IN_PLACE else 0
            left -= len(name.encode("utf-8", "replace")) + FRAME_BYTES
            safe = self.attribute(name, value)
            if left < (_LEAST_BYTES if isinstance(safe, str) else NUMBER_BYTES):
                place[BOT_DROPPED_ATTRIBUTES_COUNT] = int(place.get(BOT_DROPPED_ATTRIBUTES_COUNT, 0)) + 1
                guard.drop(
                    "attributes", "a conversation, turn or node has too many attributes; later ones are left out"
                )
            else:
                place[valid_text(name)] = cut(safe, left) if isinstance(safe, str) else safe

    def _secret_masker(self, name: str, value: object) -> str | None:
        return self.mask(value) if self._redaction.is_secret(name) else None


def hashed_user(settings: Settings, user_id: str) -> str:
    """Return the id of a user as it leaves: a keyed hash, unless the settings say plain."""
    if not settings.hash_user_ids:
        return user_id
    return keyed_hash(settings.key, "user", user_id.encode("utf-8", "replace"), digits=16)
