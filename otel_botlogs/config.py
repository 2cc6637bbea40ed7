"""Settings of the plugin: from code, else `BOTLOGS_*`, else `OTEL_*`, else the default.

The only module that reads the environment. A bad value never stops a bot: it is told once,
with what would be right, and the default holds.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final, Literal, cast, get_args
from urllib.parse import unquote

from otel_botlogs import guard
from otel_botlogs.identity import PUBLIC_KEY

Capture = Literal["full", "masked"]
TraceMode = Literal["conversation", "turn", "adopt"]
Protocol = Literal["http/protobuf", "grpc"]

OPEN_ENVIRONMENTS: Final = frozenset({"sandbox", "staging", "development", "dev", "test", "testing", "local"})
"""Where content is captured by default; every other environment, and none, masks it."""

UNKNOWN_BOT: Final = "unknown_bot"
GENAI_CAPTURE: Final = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set; `otel_botlogs/README.md` has the table."""

    bot_id: str = UNKNOWN_BOT
    bot_version: str | None = None
    environment: str | None = None  # None: not given; the collector then treats it as production
    service_name: str | None = None
    endpoint: str | None = None  # None: the exporter's own OTEL_EXPORTER_OTLP_* rules
    protocol: Protocol = "http/protobuf"
    id_key: str | None = None  # secret
    capture_content: Capture | None = None  # None: by environment
    capture_logging: bool = True
    log_level: str = "INFO"  # lines below are not captured
    trace_mode: TraceMode = "conversation"
    segment_max_spans: int = 10_000
    segment_max_hours: float = 24.0
    max_value_bytes: int = 16_384
    max_event_bytes: int = 65_536
    max_conversations: int = 10_000  # remembered by this process; about 500 bytes each
    hash_user_ids: bool = True
    baggage: bool = True
    redact_names: tuple[str, ...] = ()  # further names whose values are always masked
    log_delay_ms: int = 200
    span_delay_ms: int = 500
    shutdown_timeout_s: float = 5.0
    debug: bool = False

    @property
    def captures_content(self) -> bool:
        """Whether content leaves as it is (true) or masked (false)."""
        if self.capture_content is not None:
            return self.capture_content == "full"
        return (self.environment or "").lower() in OPEN_ENVIRONMENTS

    @property
    def key(self) -> bytes:
        """The key of trace ids and hashes; a fixed public one where none is set."""
        return self.id_key.encode() if self.id_key else PUBLIC_KEY

    def __repr__(self) -> str:
        shown = (
            f"{f.name}={'***' if f.name == 'id_key' and self.id_key else repr(getattr(self, f.name))}"
            for f in fields(self)
        )
        return f"Settings({', '.join(shown)})"


def wants_telemetry(environ: Mapping[str, str] | None = None) -> bool:
    """Whether the environment alone asks for bot logs.

    By any `BOTLOGS_*` setting, an OTLP endpoint, or a file of declarative configuration.
    """
    environ = os.environ if environ is None else environ
    if is_disabled(environ):
        return False
    return any(
        (name.startswith("BOTLOGS_") and _field(name) in _FIELDS)
        or name.startswith("OTEL_EXPORTER_OTLP_")
        or name == "OTEL_CONFIG_FILE"
        for name in environ
    )


def is_disabled(environ: Mapping[str, str] | None = None) -> bool:
    """Whether `BOTLOGS_ENABLED=false` or `OTEL_SDK_DISABLED=true` switches everything off."""
    environ = os.environ if environ is None else environ
    return environ.get("BOTLOGS_ENABLED", "").strip().lower() in _FALSE or (
        environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    )


def load(overrides: Mapping[str, object], environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings from *overrides* (code), then the environment, then the defaults."""
    environ = os.environ if environ is None else environ
    values = {name: value for name, value in overrides.items() if value is not None}
    for name in _FIELDS:
        if name not in values and (text := environ.get("BOTLOGS_" + name.upper(), "")).strip():
            values[name] = text
    for name, text in _from_otel(environ).items():
        values.setdefault(name, text)
    known = {name: value for name, raw in values.items() if (value := _checked(name, raw)) is not None}
    return replace(Settings(), **cast("dict[str, Any]", known))


def exporter_names(environ: Mapping[str, str] | None = None) -> tuple[str, str]:
    """Return what `OTEL_TRACES_EXPORTER` and `OTEL_LOGS_EXPORTER` ask for: otlp, console or none."""
    environ = os.environ if environ is None else environ
    return environ.get("OTEL_TRACES_EXPORTER", "otlp").strip(), environ.get("OTEL_LOGS_EXPORTER", "otlp").strip()


def delay_is_set(variable: str) -> bool:
    """Whether the SDK's own variable for a batch delay is set, which then holds."""
    return bool(os.environ.get(variable, "").strip())


def _from_otel(environ: Mapping[str, str]) -> dict[str, str]:
    resource = {
        key.strip(): unquote(value.strip())
        for key, _, value in (pair.partition("=") for pair in environ.get("OTEL_RESOURCE_ATTRIBUTES", "").split(","))
        if key.strip()
    }
    found: dict[str, str | None] = {
        "service_name": environ.get("OTEL_SERVICE_NAME") or resource.get("service.name"),
        "environment": resource.get("deployment.environment.name") or resource.get("deployment.environment"),
        "bot_version": resource.get("service.version"),
        "protocol": environ.get("OTEL_EXPORTER_OTLP_PROTOCOL"),
    }
    found["bot_id"] = found["service_name"]
    if capture := environ.get(GENAI_CAPTURE, "").strip().upper():
        # Our content is in log events; spans never carry it.
        found["capture_content"] = "full" if capture in {"EVENT_ONLY", "SPAN_AND_EVENT", "TRUE"} else "masked"
    return {name: value for name, value in found.items() if value}


_TRUE: Final = frozenset({"true", "1", "yes", "on"})
_FALSE: Final = frozenset({"false", "0", "no", "off"})


def _boolean(raw: object) -> bool:
    text = str(raw).strip().lower()
    if text not in _TRUE | _FALSE:
        raise ValueError("true or false")
    return text in _TRUE


def _number(kind: type[int] | type[float]) -> Callable[[object], int | float]:
    def parse(raw: object) -> int | float:
        number = kind(str(raw))
        if not number > 0:
            raise ValueError("a number above zero")
        return number

    return parse


def _one_of(choices: tuple[str, ...]) -> Callable[[object], str]:
    def parse(raw: object) -> str:
        if (text := str(raw).strip().lower()) not in choices:
            raise ValueError("one of " + ", ".join(choices))
        return text

    return parse


def _names(raw: object) -> tuple[str, ...]:
    parts = raw.split(",") if isinstance(raw, str) else cast("tuple[object, ...]", raw)
    return tuple(str(part).strip() for part in parts)


def _text(raw: object) -> str:
    return str(raw).strip()


_PARSERS: Final[dict[str, Callable[[object], object]]] = {
    "protocol": _one_of(get_args(Protocol)),
    "capture_content": _one_of(get_args(Capture)),
    "trace_mode": _one_of(get_args(TraceMode)),
    "capture_logging": _boolean,
    "hash_user_ids": _boolean,
    "baggage": _boolean,
    "debug": _boolean,
    "redact_names": _names,
    "segment_max_hours": _number(float),
    "shutdown_timeout_s": _number(float),
    **dict.fromkeys(
        (
            "segment_max_spans",
            "max_value_bytes",
            "max_event_bytes",
            "max_conversations",
            "log_delay_ms",
            "span_delay_ms",
        ),
        _number(int),
    ),
}
_FIELDS: Final = frozenset(field.name for field in fields(Settings))


def _field(variable: str) -> str:
    return variable.removeprefix("BOTLOGS_").lower()


def _checked(name: str, raw: object) -> object | None:
    try:
        return _PARSERS.get(name, _text)(raw)
    except (ValueError, TypeError) as error:
        shown = "***" if name == "id_key" else repr(raw)[:80]
        guard.drop(f"config.{name}", f"setting {name}={shown} is not used: it must be {error}; the default holds")
        return None
