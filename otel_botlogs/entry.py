"""The ways into a conversation: open one, or find the one that the running code belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import entry_points

from opentelemetry import baggage

from otel_botlogs import active, guard, semconv
from otel_botlogs.config import TraceMode
from otel_botlogs.conversation import Conversation
from otel_botlogs.node import Node
from otel_botlogs.noop import NOOP_CONVERSATION, NOOP_NODE, NOOP_TURN
from otel_botlogs.scope import current_scope
from otel_botlogs.turn import Turn


def conversation(
    conversation_id: str | None = None,
    *,
    channel: str | None = None,
    user_id: str | None = None,
    session_id: str | None = None,
    trace_mode: TraceMode | None = None,
    new: bool = True,
    segment: int | None = None,
    attributes: Mapping[str, object] | None = None,
) -> Conversation:
    """Return the conversation *conversation_id*, from any process, at any time, always the same trace.

    *conversation_id* must be the channel's or runtime's real id; without one, the id that came along as
    baggage from another service is taken, else the conversation has a trace and no id (none is invented).
    *user_id* leaves as a keyed hash. *attributes* go on every span and event. Without *new*, the
    conversation is known to have begun before; else `bot.conversation.start` is written the first time that
    this process sees it. *segment* is which trace of a very long conversation to go on in, where another process
    may have rolled over (`conversation.segment` there); without it, the first, or the one that this process was in.
    While nothing is configured, the conversation does nothing.
    """
    pipeline = active.pipeline()
    if pipeline is None:
        return NOOP_CONVERSATION
    try:
        known = conversation_id if conversation_id is not None else baggage.get_baggage(semconv.GEN_AI_CONVERSATION_ID)
        return Conversation(
            pipeline,
            None if known is None else str(known),
            channel=channel,
            user_id=user_id,
            session_id=session_id,
            trace_mode=trace_mode,
            new=new,
            segment=segment,
            attributes=attributes,
        )
    except Exception as error:  # noqa: BLE001 - guard
        guard.note("conversation", error)
        return NOOP_CONVERSATION


def current_conversation() -> Conversation:
    """Return the conversation of the running code; outside of any, one that does nothing."""
    scope = current_scope()
    return NOOP_CONVERSATION if scope is None else scope.conversation


def current_turn() -> Turn:
    """Return the turn of the running code; outside of any, one that does nothing."""
    scope = current_scope()
    while scope is not None and not isinstance(scope, Turn):
        scope = scope.parent
    return NOOP_TURN if scope is None else scope


def current_node() -> Node:
    """Return the innermost node action of the running code; outside of any, one that does nothing."""
    scope = current_scope()
    return scope if isinstance(scope, Node) else NOOP_NODE


def instrument() -> list[str]:
    """Instrument every bot runtime that is installed and supported; return the names of those that worked.

    The same as `opentelemetry-instrument python bot.py` does without code, for the plugin's own
    instrumentors.
    """
    done: list[str] = []
    for entry in entry_points(group="opentelemetry_instrumentor"):
        if not entry.module.startswith("otel_botlogs.instrumentors."):
            continue
        try:
            instrumentor = entry.load()()
            if not instrumentor.is_instrumented_by_opentelemetry:
                instrumentor.instrument(skip_dep_check=True)
            done.append(entry.name)
        except ImportError:
            continue  # the runtime is not installed
        except Exception as error:  # noqa: BLE001 - guard; a DependencyConflictError says which version it wanted
            guard.note(f"instrument.{entry.name}", error)
    return done
