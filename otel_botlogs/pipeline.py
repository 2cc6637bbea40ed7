"""What every conversation writes through: one value, put together by `setup`, null until configured."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from opentelemetry.context import Context
from opentelemetry.trace import Link, Span

from otel_botlogs.clock import Clock
from otel_botlogs.config import Settings
from otel_botlogs.content import ContentPolicy, Value
from otel_botlogs.identity import TraceIdentity
from otel_botlogs.registry import Registry
from otel_botlogs.severity import Severity

if TYPE_CHECKING:
    from otel_botlogs.node import Node
    from otel_botlogs.turn import Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class RootSpan:
    """The span of a whole conversation, written when it ends; its ids are derived, not drawn."""

    identity: TraceIdentity
    name: str
    started_ns: int
    ended_ns: int
    attributes: Mapping[str, Value]
    links: Sequence[Link]


class Emit(Protocol):
    """Writes one log record with values that may leave; *attributes* is the record's from then on."""

    def __call__(  # noqa: D102, PLR0917 - said above
        self,
        event_name: str,
        at_ns: int,
        context: Context,
        level: Severity,
        body: str | None,
        attributes: dict[str, Value],
        /,
    ) -> None: ...


class StartSpan(Protocol):
    """Starts a span under that of *parent*; *attributes* may leave, and stay the caller's."""

    def __call__(  # noqa: D102 - said above
        self, name: str, parent: Context, attributes: dict[str, Value], links: Sequence[Link], started_ns: int, /
    ) -> Span: ...


class Backend(Protocol):
    """What only the SDK can do; `setup` implements it."""

    def samples(self, trace_id: int) -> bool:
        """Whether the head sampler keeps the trace; asked once for each segment, before any span of it."""
        ...

    def stamps_logs_of(self, provider: object) -> bool:
        """Whether log records of *provider* (None.

        The one in use) get the conversation's attributes by themselves.
        """
        ...

    def write_root(self, span: RootSpan) -> None:
        """Hand a finished root span to the exporters; never required for anything."""
        ...

    def flush(self, timeout_s: float) -> bool:
        """Send what is queued; false if not all of it left within *timeout_s*."""
        ...

    def shutdown(self) -> None:
        """Flush and stop what `setup` itself made; providers that were there before go on."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """Functions of the bot's author, called in the bot's thread; what they raise is counted and dropped.

    `turn_hook(turn)` and `node_hook(node)` run after the start; `log_hook(event_name, attributes)` may
    change *attributes* of an event before it leaves.
    """

    turn_hook: Callable[[Turn], None] | None = None
    node_hook: Callable[[Node], None] | None = None
    log_hook: Callable[[str, MutableMapping[str, Value]], None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """Settings, clock, policy and the ways to OpenTelemetry's tracer and logger, for all conversations."""

    settings: Settings
    clock: Clock
    content: ContentPolicy
    start_span: StartSpan
    emit: Emit
    backend: Backend
    registry: Registry
    hooks: Hooks = field(default_factory=Hooks)
    published_flows: set[tuple[str, str, int]] = field(default_factory=set[tuple[str, str, int]])
