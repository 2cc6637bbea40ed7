"""Lines of stdlib logging, structlog and loguru, written inside a conversation, become its log events.

Nothing is added where the bot can see it: no handler on the root logger (which would make
`logging.basicConfig` do nothing and silence the handler of last resort), no processor in structlog's
chain. The libraries' one way through is wrapped instead, and put back by `uninstall`.
"""

from otel_botlogs import guard
from otel_botlogs.logs import loguru_lines, stdlib_lines, structlog_lines

__all__ = ["install", "uninstall"]

_LIBRARIES = (stdlib_lines, structlog_lines, loguru_lines)


def install(level: str) -> None:
    """Capture lines from *level* on; harmless the second time. A library that is not there is passed over."""
    for library in _LIBRARIES:
        try:
            library.install(level)
        except Exception as error:  # noqa: BLE001 - guard: a changed library is not captured, and works
            guard.note(f"{library.__name__}.install", error)


def uninstall() -> None:
    """Put everything back as it was."""
    for library in _LIBRARIES:
        try:
            library.uninstall()
        except Exception as error:  # noqa: BLE001 - guard
            guard.note(f"{library.__name__}.uninstall", error)
