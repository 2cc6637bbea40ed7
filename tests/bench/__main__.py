"""`python -m tests.bench [--quick] [NAME …]`: every bench module of this folder, one table, one JSON file.

A bench is a module with `run(quick) -> list of rows`; a row has name, value and unit, and where it makes
sense a yardstick measured in the same run, the ratio to it, and the target.
"""

import importlib
import json
import os
import pkgutil
import platform
import sys
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import tests.bench

RESULTS = Path("bench-results")
COLUMNS = ("name", "value", "unit", "ratio", "yardstick", "target")
PACKAGES = ("otel-botlogs", "chdb", "clickhouse-connect", "grpcio", "protobuf")


def main() -> None:
    """Run what was asked for and print it."""
    quick = "--quick" in sys.argv
    wanted = [name for name in sys.argv[1:] if not name.startswith("-")]
    names = [module.name for module in pkgutil.iter_modules(tests.bench.__path__) if module.name != "__main__"]
    rows: list[dict[str, object]] = []
    for name in wanted or names:
        bench = importlib.import_module(f"tests.bench.{name}")
        if not hasattr(bench, "run"):
            continue
        started = time.perf_counter()
        print(f"· {name}", file=sys.stderr, flush=True)
        measured: list[dict[str, object]] = bench.run(quick)
        rows += measured
        print(f"  {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
    facts = machine()
    print(table(facts, rows))
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{facts['at']}.json"
    path.write_text(json.dumps({"machine": facts, "quick": quick, "rows": rows}, indent=1) + "\n")
    print(f"\n{path}")


def machine() -> dict[str, object]:
    """Return what the figures depend on."""
    return {
        "at": datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ"),
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def table(facts: dict[str, object], rows: list[dict[str, object]]) -> str:
    """Return the rows as Markdown under a line of the machine's facts."""
    lines = [", ".join(f"{name} {value}" for name, value in facts.items()), ""]
    lines += ["| " + " | ".join(COLUMNS) + " |", "|---|---:|---|---:|---|---:|"]
    lines += ["| " + " | ".join(_cell(row.get(column)) for column in COLUMNS) + " |" for row in rows]
    return "\n".join(lines)


def _cell(value: object) -> str:
    return "" if value is None else f"{value:,}" if isinstance(value, int | float) else str(value)


if __name__ == "__main__":
    main()
