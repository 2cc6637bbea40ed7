"""Where the running code is: the innermost conversation, turn or node, kept in the OpenTelemetry context.

So it goes wherever the trace context goes: into tasks, into threads whose context is copied, and
to the processors that stamp other instrumentations' spans.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from opentelemetry.context import Context, create_key, get_current

if TYPE_CHECKING:
    from otel_botlogs.recorder import Recorder

SCOPE_KEY: Final = create_key("otel_botlogs.scope")


def scope_of(context: Context) -> Recorder | None:
    """Return the innermost scope that *context* carries."""
    return cast("Recorder | None", context.get(SCOPE_KEY))


def current_scope() -> Recorder | None:
    """Return the innermost conversation, turn or node of the running code."""
    return scope_of(get_current())
