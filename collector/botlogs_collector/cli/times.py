"""Times as people write them and as the API wants them: RFC 3339 or Unix nanoseconds."""

import re
from datetime import UTC, datetime
from typing import Final

import click

from botlogs_collector.config.duration import parse_duration

_RFC3339: Final = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|z|[+-]\d\d:\d\d)", re.ASCII)
_SECOND_NS: Final = 1_000_000_000


def parse_time(text: str) -> int:
    """Return Unix nanoseconds.

    Raises:
        ValueError: says what would be right.
    """
    if re.fullmatch(r"\d{1,20}", text, re.ASCII):
        return int(text)
    match = _RFC3339.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is neither RFC 3339 (2026-01-31T14:02:11.5Z) nor Unix nanoseconds")
    day, clock, fraction, zone = match.groups()
    moment = datetime.fromisoformat(f"{day}T{clock}{zone.replace('z', 'Z')}")
    return int(moment.timestamp()) * _SECOND_NS + int((fraction or "0").ljust(9, "0"))


def show_time(unix_nano: object, digits: int = 9) -> str:
    """Return RFC 3339 in UTC with *digits* of the fraction, which `--at` takes back; "" for no time."""
    nanos = int(str(unix_nano or 0))
    if nanos <= 0:
        return ""
    seconds, fraction = divmod(nanos, _SECOND_NS)
    text = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{fraction:09d}"[: 20 + digits if digits else 19] + "Z"


def show_duration(nanos: int) -> str:
    """Return the two largest units of a duration, such as `3 min 12 s`."""
    seconds = max(0, round(nanos / _SECOND_NS))
    parts = [(seconds // 86_400, "d"), (seconds // 3600 % 24, "h"), (seconds // 60 % 60, "min"), (seconds % 60, "s")]
    told = [f"{amount} {unit}" for amount, unit in parts if amount]
    return " ".join(told[:2]) or "0 s"


class TimeType(click.ParamType):  # pyright: ignore[reportMissingTypeArgument]  # generic from click 8.4 on
    """A command-line time, as Unix nanoseconds."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """See `click.ParamType.convert`."""
        try:
            return value if isinstance(value, int) else parse_time(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


class DurationType(click.ParamType):  # pyright: ignore[reportMissingTypeArgument]
    """A command-line duration, as nanoseconds."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """See `click.ParamType.convert`."""
        try:
            return value if isinstance(value, int) else parse_duration(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


TIME: Final = TimeType()
DURATION: Final = DurationType()
