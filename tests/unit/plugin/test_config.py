"""Settings from code, BOTLOGS_*, OTEL_*, defaults."""

from __future__ import annotations

import logging

import pytest

from otel_botlogs import config, guard


def test_code_beats_botlogs_beats_otel() -> None:
    """The nearest to the author wins."""
    environ = {
        "OTEL_SERVICE_NAME": "from-otel",
        "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=staging,service.version=1%2C2,x",
        "BOTLOGS_BOT_ID": "from-botlogs",
        "BOTLOGS_SEGMENT_MAX_SPANS": "7",
    }

    settings = config.load({"segment_max_spans": 9, "environment": None}, environ)

    assert (settings.bot_id, settings.service_name) == ("from-botlogs", "from-otel")
    assert (settings.environment, settings.bot_version) == ("staging", "1,2")
    assert settings.segment_max_spans == 9


def test_service_name_is_the_bot_id_where_nothing_else_is() -> None:
    """A bot that only sets OpenTelemetry's variables is named by its service."""
    assert config.load({}, {"OTEL_SERVICE_NAME": "shop-bot"}).bot_id == "shop-bot"


@pytest.mark.parametrize(
    ("name", "value", "right"),
    [
        ("BOTLOGS_TRACE_MODE", "conversations", "one of conversation, turn, adopt"),
        ("BOTLOGS_MAX_VALUE_BYTES", "-1", "a number above zero"),
        ("BOTLOGS_BAGGAGE", "perhaps", "true or false"),
        ("BOTLOGS_CAPTURE_CONTENT", "some", "one of full, masked"),
    ],
)
def test_bad_value_is_told_once_with_what_is_right_and_the_default_holds(name: str, value: str, right: str) -> None:
    """A bot is never stopped by a bad setting, and its operator reads what would be right."""
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    guard.INTERNAL_LOGGER.addHandler(handler)
    try:
        settings = [config.load({}, {name: value}) for _ in range(2)]
    finally:
        guard.INTERNAL_LOGGER.removeHandler(handler)

    assert settings[0] == config.Settings()
    (line,) = lines
    assert value in line
    assert right in line


def test_key_is_not_shown() -> None:
    """Settings can be printed without giving the secret away."""
    assert "s3cr3t" not in repr(config.load({"id_key": "s3cr3t"}, {}))


@pytest.mark.parametrize(
    ("environ", "wanted"),
    [
        ({}, False),
        ({"PATH": "/bin", "BOTLOGS_UNRELATED": "1"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"}, True),
        ({"BOTLOGS_BOT_ID": "x"}, True),
        ({"BOTLOGS_BOT_ID": "x", "BOTLOGS_ENABLED": "false"}, False),
        ({"BOTLOGS_BOT_ID": "x", "OTEL_SDK_DISABLED": "true"}, False),
    ],
)
def test_environment_alone_switches_on_and_off(environ: dict[str, str], wanted: bool) -> None:
    """Any BOTLOGS_* setting or an OTLP endpoint switches on; either of two switches turns all off."""
    assert config.wants_telemetry(environ) is wanted
