"""Severities: what an author writes, stdlib logging's numbers, and OpenTelemetry's."""

from __future__ import annotations

from typing import Final, NamedTuple

from opentelemetry._logs import SeverityNumber


class Severity(NamedTuple):
    """A severity as a log record carries it."""

    number: SeverityNumber
    text: str


DEBUG: Final = Severity(SeverityNumber.DEBUG, "DEBUG")
INFO: Final = Severity(SeverityNumber.INFO, "INFO")
WARN: Final = Severity(SeverityNumber.WARN, "WARN")
ERROR: Final = Severity(SeverityNumber.ERROR, "ERROR")
FATAL: Final = Severity(SeverityNumber.FATAL, "FATAL")

_BY_NAME: Final = {
    "TRACE": Severity(SeverityNumber.TRACE, "TRACE"),
    "DEBUG": DEBUG,
    "INFO": INFO,
    "SUCCESS": INFO,  # loguru
    "NOTICE": Severity(SeverityNumber.INFO2, "NOTICE"),
    "WARN": WARN,
    "WARNING": WARN,
    "ERROR": ERROR,
    "EXCEPTION": ERROR,  # structlog
    "CRITICAL": FATAL,
    "FATAL": FATAL,
}


def severity(level: str | int) -> Severity:
    """Return the severity of a name in any case, or of a stdlib number; INFO for a name nobody knows."""
    if isinstance(level, str):
        return _BY_NAME.get(level) or _BY_NAME.get(level.upper(), INFO)
    if level >= 50:
        return FATAL
    if level >= 40:
        return ERROR
    if level >= 30:
        return WARN
    if level >= 20:
        return INFO
    return DEBUG if level >= 10 else _BY_NAME["TRACE"]


def stdlib_level(name: str) -> int:
    """Return stdlib logging's number of the level *name*."""
    number = severity(name).number.value
    return {1: 5, 5: 10, 9: 20, 10: 25, 13: 30, 17: 40, 21: 50}.get(number, 20)
