"""Where the running code is: the innermost conversation, turn or node, kept in the OpenTelemetry context.

So it goes wherever the trace context goes: into tasks, into threads whose context is copied, and
to the processors that stamp other instrumentations' spans.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast
from weakref import WeakKeyDictionary

from opentelemetry.context import Context, create_key, get_current
from opentelemetry.trace import Span, get_current_span

if TYPE_CHECKING:
    from otel_botlogs.recorder import Recorder

SCOPE_KEY: Final = create_key("otel_botlogs.scope")
_adopted: WeakKeyDictionary[Span, Recorder] = WeakKeyDictionary()


def adopt(span: Span, scope: Recorder) -> None:
    """Make *scope* the one of the code that runs under *span*, which a runtime started and made current by itself."""
    _adopted[span] = scope


def inherit(span: Span, context: Context) -> None:
    """Let *span*, started under an adopted one, belong to the same scope."""
    if _adopted and (scope := _adopted.get(get_current_span(context))) is not None:
        _adopted[span] = scope


def scope_of(context: Context) -> Recorder | None:
    """Return the innermost scope that *context* carries."""
    if _adopted and (scope := _adopted.get(get_current_span(context))) is not None:
        return scope
    return cast("Recorder | None", context.get(SCOPE_KEY))


def current_scope() -> Recorder | None:
    """Return the innermost conversation, turn or node of the running code."""
    return scope_of(get_current())
