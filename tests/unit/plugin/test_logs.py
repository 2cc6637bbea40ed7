"""Lines of logging libraries become log events of the node they were written in, once."""

from __future__ import annotations

import logging
import logging.config
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from loguru import logger as loguru_logger
from opentelemetry.instrumentation.utils import suppress_instrumentation

import otel_botlogs
from otel_botlogs import semconv
from otel_botlogs.testing import Recording, record

stdlib_logger = logging.getLogger("shop")


@pytest.fixture
def in_node(recording: Recording) -> Iterator[Recording]:
    """Run the test inside the node `n` of the conversation `c`."""
    with otel_botlogs.conversation("c") as conv, conv.turn() as turn, turn.node("n"):
        yield recording


def lines(recording: Recording) -> list[tuple[str | None, str, str | None]]:
    return [(event.body, event.severity, event.node) for event in recording.conversation("c").named("bot.log")]


def test_stdlib_line_belongs_to_its_node(in_node: Recording) -> None:
    """A line is written with its severity, its logger, where it stands, and its extra values."""
    stdlib_logger.warning("slow %s", "backend", extra={"took_ms": 900})

    (line,) = in_node.conversation("c").named("bot.log")
    assert (line.body, line.severity, line.node) == ("slow backend", "WARN", "n")
    assert line.attributes[semconv.LOGGER_NAME] == "shop"
    assert line.attributes["took_ms"] == 900
    assert line.attributes[semconv.CODE_FUNCTION_NAME] == "test_stdlib_line_belongs_to_its_node"


def test_line_with_an_exception_carries_it(in_node: Recording) -> None:
    """`logger.exception` tells the type and the stack."""
    try:
        _ = {}["missing"]
    except KeyError:
        stdlib_logger.exception("lookup failed")

    (line,) = in_node.conversation("c").named("bot.log")
    assert line.attributes["exception.type"] == "KeyError"
    assert "test_logs.py" in line.attributes["exception.stacktrace"]


def test_lines_outside_a_node_go_to_the_turn_or_conversation(recording: Recording) -> None:
    """A line belongs to the innermost scope, and to nothing where there is none."""
    stdlib_logger.warning("nowhere")
    with otel_botlogs.conversation("c") as conv:
        stdlib_logger.warning("conversation")
        with conv.turn():
            stdlib_logger.warning("turn")

    events = recording.conversation("c").named("bot.log")
    assert [(event.body, event.attributes.get("bot.turn.index")) for event in events] == [
        ("conversation", None),
        ("turn", 1),
    ]


def test_levels_of_the_bot_and_of_the_plugin_hold(in_node: Recording) -> None:
    """What the bot's own level drops is not captured, nor what lies below the plugin's."""
    quiet = logging.getLogger("quiet")
    quiet.setLevel(logging.ERROR)
    stdlib_logger.setLevel(logging.DEBUG)
    try:
        quiet.warning("dropped by the bot")
        stdlib_logger.debug("below INFO")
    finally:
        quiet.setLevel(logging.NOTSET)
        stdlib_logger.setLevel(logging.NOTSET)

    assert lines(in_node) == []


def test_logger_that_does_not_propagate_is_captured_once(in_node: Recording) -> None:
    """Loggers with handlers of their own, as servers have, are captured like all others."""
    own = logging.getLogger("own")
    own.propagate = False
    own.addHandler(logging.NullHandler())
    try:
        own.warning("hello")
    finally:
        own.handlers.clear()
        own.propagate = True

    assert lines(in_node) == [("hello", "WARN", "n")]


def test_bots_logging_is_as_without_the_plugin(in_node: Recording) -> None:
    """No handler is added, so that basicConfig and the handler of last resort work as ever."""
    root = logging.getLogger()

    assert not any(type(handler).__module__.startswith("otel_botlogs") for handler in root.handlers)
    assert logging.Logger.callHandlers.__name__ == "callHandlers"
    logging.config.dictConfig({"version": 1, "disable_existing_loggers": False})
    stdlib_logger.warning("still captured")
    assert lines(in_node) == [("still captured", "WARN", "n")]


def test_telemetry_never_logs_itself(in_node: Recording) -> None:
    """Lines of OpenTelemetry and of the plugin, and lines while instrumentation is suppressed, are not captured."""
    logging.getLogger("opentelemetry.sdk").warning("queue full")
    logging.getLogger("otel_botlogs").info("internal")
    with suppress_instrumentation():
        stdlib_logger.warning("an exporter's own request")

    assert lines(in_node) == []


def test_line_written_while_a_line_is_written_is_not_captured_again() -> None:
    """A hook that logs cannot start a recursion."""

    def hook(name: str, text: str) -> str:
        stdlib_logger.warning("from the hook")
        return text

    with record(redact_hook=hook) as recording, otel_botlogs.conversation("c"):
        stdlib_logger.warning("once")

    assert [line[0] for line in lines(recording)] == ["once"]


def test_arguments_that_do_not_fit_do_not_disturb(in_node: Recording, capsys: pytest.CaptureFixture[str]) -> None:
    """A line whose arguments do not fit is captured unformatted."""
    logger = logging.getLogger("misfit")
    logger.propagate = False
    logger.addHandler(logging.NullHandler())
    try:
        logger.warning("%d", "no number")
    finally:
        logger.handlers.clear()
        logger.propagate = True

    assert lines(in_node) == [("%d", "WARN", "n")]


def test_opentelemetrys_own_handler_and_ours_write_a_line_once(in_node: Recording) -> None:
    """With OpenTelemetry's logging handler installed it writes the line, and the line still belongs to its node."""

    class LoggingHandler(logging.Handler):
        """Stands where OpenTelemetry's handler stands: same name, same module, same way to the provider."""

        _logger_provider = in_node.logger_provider

        def emit(self, record: logging.LogRecord) -> None:
            self._logger_provider.get_logger(record.name).emit(body=record.getMessage(), severity_text="WARN")

    LoggingHandler.__module__ = "opentelemetry.instrumentation.logging.handler"
    handler = LoggingHandler()
    stdlib_logger.addHandler(handler)
    try:
        stdlib_logger.warning("once")
    finally:
        stdlib_logger.removeHandler(handler)

    assert lines(in_node) == [("once", "WARN", "n")]


@pytest.mark.parametrize("through_stdlib", [False, True])
def test_structlog_line_is_captured_once_with_its_values(in_node: Recording, through_stdlib: bool) -> None:
    """The event and its bound values are written, also where structlog goes on to stdlib logging."""
    factory: Any = structlog.stdlib.LoggerFactory() if through_stdlib else structlog.ReturnLoggerFactory()
    renderer = structlog.processors.KeyValueRenderer()
    logger = structlog.wrap_logger(factory("shop"), processors=[renderer]).bind(order=7)

    logger.warning("slow backend", took_ms=900)

    assert lines(in_node) == [("slow backend", "WARN", "n")]
    (line,) = in_node.conversation("c").named("bot.log")
    assert (line.attributes["order"], line.attributes["took_ms"]) == (7, 900)


def test_structlog_gets_its_method_back() -> None:
    """After recording structlog is as it was."""
    before = structlog.BoundLoggerBase._proxy_to_logger
    with record():
        assert structlog.BoundLoggerBase._proxy_to_logger is not before

    assert structlog.BoundLoggerBase._proxy_to_logger is before


def test_loguru_line_is_captured_once_though_the_bot_removes_all_sinks(in_node: Recording) -> None:
    """A bot that starts with `logger.remove()` does not lose its bot logs."""
    loguru_logger.remove()
    loguru_logger.bind(order=7).warning("slow {}", "backend")
    loguru_logger.remove()

    assert lines(in_node) == [("slow backend", "WARN", "n")]
    assert in_node.conversation("c").named("bot.log")[0].attributes["order"] == 7


def test_loguru_and_stdlib_in_a_chain_write_a_line_once(in_node: Recording) -> None:
    """Both usual bridges, stdlib into loguru and loguru into stdlib, give one event."""

    class IntoLoguru(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            loguru_logger.opt(depth=6).log("WARNING", record.getMessage())

    class IntoStdlib(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            logging.getLogger("from-loguru").handle(record)

    bridge = IntoLoguru()
    stdlib_logger.addHandler(bridge)
    stdlib_logger.propagate = False
    try:
        stdlib_logger.warning("one")
    finally:
        stdlib_logger.removeHandler(bridge)
        stdlib_logger.propagate = True
    sink = loguru_logger.add(IntoStdlib(), format="{message}")
    loguru_logger.warning("two")
    loguru_logger.remove(sink)

    assert [line[0] for line in lines(in_node)] == ["one", "two"]


def test_loguru_is_as_it_was_afterwards() -> None:
    """After recording loguru's methods and sinks are as they were."""
    before = type(loguru_logger).remove
    with record():
        assert type(loguru_logger).remove is not before

    assert type(loguru_logger).remove is before
