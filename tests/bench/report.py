"""What a run of the benches prints: the machine, one table of figures, and how the figures grow.

A row is a dictionary with name, value and unit; where it makes sense a yardstick measured in the same run,
the ratio to it, the target and whether it is met, and the number of runs that it is the median of. Rows that
share a `series` and are measured at several sizes also have `against` (what grows) and `at` (how much of it there was).
"""

import math
import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path

Row = dict[str, object]
_COLUMNS = ("name", "value", "unit", "runs", "ratio", "yardstick", "target", "met")
_PACKAGES = ("otel-botlogs", "chdb", "clickhouse-connect", "grpcio", "protobuf")
# The slope between two sizes, both logarithmic: 0 means that the figure does not depend on the size, 1 that it is in
# proportion to it.
_FLAT, _LINEAR = 0.25, 1.15


def report(facts: Row, rows: Sequence[Row]) -> str:
    """Return everything as Markdown."""
    parts = [", ".join(f"{name} {value}" for name, value in facts.items()), _table(_COLUMNS, rows)]
    if grown := growth(rows):
        parts += ["How the figures grow:", _table(("figure", "against", "sizes", "values", "unit", "growth"), grown)]
    return "\n\n".join(parts)


def compared(value: float, *, at_least: float | None = None, at_most: float | None = None) -> Row:
    """Return what a row says of its target, and whether *value* meets it."""
    if at_least is not None:
        return {"target": at_least, "met": "yes" if value >= at_least else "NO"}
    return {} if at_most is None else {"target": at_most, "met": "yes" if value <= at_most else "NO"}


def machine() -> Row:
    """Return what the figures depend on."""
    return {
        "at": datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ"),
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        **{name: version(name) for name in _PACKAGES},
    }


def growth(rows: Sequence[Row]) -> list[Row]:
    """Return one row for each series measured at two sizes or more: its values, and whether it is flat or linear."""
    series: dict[tuple[object, object], list[Row]] = {}
    for row in rows:
        if "series" in row:
            series.setdefault((row["series"], row["against"]), []).append(row)
    return [
        {
            "figure": name,
            "against": against,
            "sizes": " → ".join(_cell(row["at"]) for row in points),
            "values": " → ".join(_cell(row["value"]) for row in points),
            "unit": points[0]["unit"],
            "growth": _verdict([(_number(row["at"]), _number(row["value"])) for row in points]),
        }
        for (name, against), points in series.items()
        if len(points) > 1
    ]


def _verdict(points: Sequence[tuple[float, float]]) -> str:
    """Name the growth by the steepest step between neighbouring sizes."""
    slope = max(
        math.log(max(after, 1e-9) / max(before, 1e-9)) / math.log(larger / smaller)
        for (smaller, before), (larger, after) in pairwise(sorted(points))
    )
    word = "flat" if slope <= _FLAT else "less than linear" if slope < 1 / _LINEAR else "linear"
    return f"{word if slope <= _LINEAR else 'MORE THAN LINEAR'} (size^{slope:.2f})"


def _table(columns: Sequence[str], rows: Sequence[Row]) -> str:
    numbers = {"value", "runs", "ratio", "target"}
    head = ["| " + " | ".join(columns) + " |", "|" + "|".join("---:" if c in numbers else "---" for c in columns) + "|"]
    return "\n".join(head + ["| " + " | ".join(_cell(row.get(column)) for column in columns) + " |" for row in rows])


def _number(value: object) -> float:
    assert isinstance(value, int | float)
    return value


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.{0 if abs(value) >= 1000 else 1 if abs(value) >= 10 else 3}f}"
    return "" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
