"""What conversations, turns and node actions have in common: they write log events.

A log event is an OTLP log record with an `event_name`, handed to the Logs API at once, in the
context of the span it belongs to. It is never a span event: those leave only when the span ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from opentelemetry.context import Context

from otel_botlogs import guard, semconv
from otel_botlogs.content import Value
from otel_botlogs.event_kinds import EventKinds
from otel_botlogs.pipeline import Pipeline
from otel_botlogs.plain import cut, valid_text
from otel_botlogs.severity import INFO, Severity, severity

if TYPE_CHECKING:
    from otel_botlogs.conversation import Conversation

_MAX_NAME_BYTES: Final = 200


class Recorder(EventKinds):
    """Writes log events that carry the attributes of the place they were written at."""

    __slots__ = ("_base", "_context", "_conversation", "_pipeline", "parent")

    _pipeline: Pipeline
    _conversation: Conversation
    _base: dict[str, Value]  # what every span and event here carries
    _context: Context
    parent: Recorder | None

    @property
    def conversation(self) -> Conversation:
        """The conversation this belongs to."""
        return self._conversation

    @property
    def attributes(self) -> Mapping[str, Value]:
        """What every span and log event here carries."""
        return self._base

    def log(self, message: object, /, *, level: str | int = "INFO", **attributes: object) -> None:
        """Write the author's own line, a `bot.log` event, gone at once.

        *level* is a name in any case or a stdlib number. Attributes may be of any type: containers
        leave as JSON text, what is too long is cut with a mark.
        """
        try:
            self._emit(semconv.EVENT_LOG, message, attributes, severity(level))
        except Exception as error:  # noqa: BLE001 - guard, inlined on the hot path
            guard.note("log", error)

    def event(self, name: str, body: object = None, /, *, level: str | int = "INFO", **attributes: object) -> None:
        """Write a log event of any kind; a bare attribute name is put under the event's.

        `event("bot.nlu", intent="greet")` writes `bot.nlu.intent`, `event("bot.variable.set", new=1)` writes
        `bot.variable.new`. The kinds of `semconv` have methods of their own, which name their attributes.
        """
        try:
            short = self._safe_name(name)
            named = {_attribute_name(short, key): value for key, value in attributes.items()}
            self._emit(short, body, named, severity(level))
        except Exception as error:  # noqa: BLE001 - guard, inlined on the hot path
            guard.note("event", error)

    def set_attribute(self, name: str, value: object) -> None:
        """Add an attribute to every span and event that starts here from now on."""
        try:
            self._pipeline.content.add_to_place(self._base, {name: value})
        except Exception as error:  # noqa: BLE001 - guard
            guard.note("set_attribute", error)

    def set_variable(self, name: str, value: object, *, old: object = None) -> None:
        """`bot.variable.set`: a variable of the bot changed; both values are content.

        Without *old*, it is what was last set by this name while this conversation object lived.
        """
        try:
            content = self._pipeline.content
            new = content.content(name, value)
            last = self._conversation.last_variable(name, new)
            before = last if old is None else content.content(name, old)
            values: dict[str, Value] = {
                semconv.BOT_VARIABLE_NAME: self._safe_name(name),
                semconv.BOT_VARIABLE_NEW: new,
            }
            if before is not None:
                values[semconv.BOT_VARIABLE_OLD] = before
            content.fit(values, None)
            self._write(semconv.EVENT_VARIABLE_SET, None, values)
        except Exception as error:  # noqa: BLE001 - guard
            guard.note("set_variable", error)

    def _emit_kind(
        self, event_name: str, body: object, attributes: Mapping[str, object], level: Severity = INFO
    ) -> None:
        try:
            self._emit(event_name, body, attributes, level)
        except Exception as error:  # noqa: BLE001 - guard
            guard.note(event_name, error)

    def _emit(
        self,
        event_name: str,
        body: object,
        attributes: Mapping[str, object],
        level: Severity = INFO,
        at_ns: int | None = None,
    ) -> None:
        """Make the event leavable and write it; the only way in for anything the bot's author gave."""
        content = self._pipeline.content
        safe = content.event(attributes)
        text = None
        if body is not None:
            is_content = event_name in semconv.CONTENT_BODIES
            text = str(content.content("body", body) if is_content else content.ordinary("body", body))
        if (hook := self._pipeline.hooks.log_hook) is not None:
            try:
                hook(event_name, safe)
            except Exception as error:  # noqa: BLE001 - the author's hook
                guard.note("log_hook", error)
            safe = {name: content.ordinary(name, value) for name, value in safe.items()}
        self._write(event_name, content.fit(safe, text), safe, level, at_ns)

    def _write(
        self,
        event_name: str,
        body: str | None,
        attributes: Mapping[str, Value] | None,
        level: Severity = INFO,
        at_ns: int | None = None,
    ) -> None:
        """Hand a log record with safe values to the Logs API."""
        pipeline = self._pipeline
        pipeline.emit(
            event_name,
            at_ns or pipeline.clock.time_ns(),
            self._context,
            level,
            body,
            {**self._base, **attributes} if attributes else self._base.copy(),
        )

    def _safe_name(self, name: object) -> str:
        """Return *name* as the name of a span or node: a short text."""
        if type(name) is str and 0 < len(name) <= _MAX_NAME_BYTES and name.isascii():
            return name
        return cut(valid_text(str(name)), _MAX_NAME_BYTES) or "unnamed"


def _attribute_name(event_name: str, key: str) -> str:
    """Return *key* under the event's name, or under its parent's where `semconv` knows it so."""
    if "." in key:
        return key
    under_parent = f"{event_name.rpartition('.')[0]}.{key}"
    return under_parent if under_parent in semconv.ATTRIBUTE_NAMES else f"{event_name}.{key}"
