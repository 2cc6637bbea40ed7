"""What `conversation(…)` gives while nothing is configured.

The same objects, doing nothing, shared by all.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Final, Self

from opentelemetry.context import Context
from opentelemetry.trace import Span

from otel_botlogs.activity import Active, Outcome
from otel_botlogs.content import Value
from otel_botlogs.conversation import Conversation
from otel_botlogs.node import Node
from otel_botlogs.turn import Turn


class _Silent:
    """Turns every way in into nothing; stands before the real class in the order of bases."""

    __slots__ = ()

    @property
    def conversation(self) -> Conversation:
        return NOOP_CONVERSATION

    @property
    def attributes(self) -> Mapping[str, Value]:
        return {}

    @property
    def span(self) -> Span | None:
        return None

    @property
    def outcome(self) -> Outcome:
        return "completed"

    def log(self, message: object, /, *, level: str | int = "INFO", **attributes: object) -> None:
        pass

    def event(self, name: str, body: object = None, /, *, level: str | int = "INFO", **attributes: object) -> None:
        pass

    def set_attribute(self, name: str, value: object) -> None:
        pass

    def set_variable(self, name: str, value: object, *, old: object = None) -> None:
        pass

    def start(self, on: Span | None = None) -> Self:  # noqa: ARG002
        return self

    def finish(self, error: BaseException | None = None) -> None:
        pass

    def record_error(self, error: BaseException) -> None:
        pass

    def transition(self, to: str, reason: object = None) -> None:
        pass

    def wait(self, reason: object = None, *, timeout_s: float | None = None) -> None:
        pass

    def end(self, reason: str = "signal") -> None:
        pass

    def active(self) -> Active:
        return _NOOP_ACTIVE

    def turn(self, *_: object, **__: object) -> Turn:
        return NOOP_TURN

    def node(self, *_: object, **__: object) -> Node:
        return NOOP_NODE

    def _emit_kind(self, *_: object) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass


class NoopActive(Active):
    """Leaves the current context alone."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(Context())

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        pass


class NoopConversation(_Silent, Conversation):  # pyright: ignore[reportIncompatibleMethodOverride]
    """A conversation that nobody records."""

    __slots__ = ()

    def __init__(self) -> None:
        self.id = None
        self.parent = None
        self.trace_mode = "conversation"

    @property
    def trace_id(self) -> int:
        """Zero, OpenTelemetry's invalid id."""
        return 0

    @property
    def segment(self) -> int:
        """Zero, the first."""
        return 0

    @property
    def root_span_id(self) -> int:
        """Zero, OpenTelemetry's invalid id."""
        return 0


class NoopTurn(_Silent, Turn):  # pyright: ignore[reportIncompatibleMethodOverride]
    """A turn that nobody records."""

    __slots__ = ()

    def __init__(self) -> None:
        self.parent = None
        self.index = 0
        self.started_ns = 0


class NoopNode(_Silent, Node):  # pyright: ignore[reportIncompatibleMethodOverride]
    """A node action that nobody records."""

    __slots__ = ()

    def __init__(self) -> None:
        self.parent = None
        self.name = ""
        self.started_ns = 0


_NOOP_ACTIVE: Final = NoopActive()
NOOP_CONVERSATION: Final = NoopConversation()
NOOP_TURN: Final = NoopTurn()
NOOP_NODE: Final = NoopNode()
