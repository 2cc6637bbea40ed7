"""`python -m tests.bench [--quick] [NAME …]`: every bench module of this folder, as one table and one JSON file.

A bench is a module with `run(quick) -> list of rows` (`report.py` says what a row is). A bench that fails does
not take the others' figures with it.
"""

import importlib
import json
import pkgutil
import sys
import time
import traceback
from pathlib import Path

import tests.bench
from tests.bench.report import Row, machine, report

RESULTS = Path("bench-results")


def main() -> None:
    """Run what was asked for, print it, and write it to bench-results/."""
    quick = "--quick" in sys.argv
    wanted = [name for name in sys.argv[1:] if not name.startswith("-")]
    names = [module.name for module in pkgutil.iter_modules(tests.bench.__path__) if module.name != "__main__"]
    rows: list[Row] = []
    failed: list[str] = []
    for name in wanted or names:
        bench = importlib.import_module(f"tests.bench.{name}")
        if not hasattr(bench, "run"):
            continue
        started = time.perf_counter()
        print(f"· {name}", file=sys.stderr, flush=True)
        try:
            rows += bench.run(quick)
        except Exception:  # noqa: BLE001  # said below, and the exit code tells
            traceback.print_exc()
            failed.append(name)
        print(f"  {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
    facts = machine()
    text = report(facts, rows)
    print(text)
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{facts['at']}.json"
    path.write_text(json.dumps({"machine": facts, "quick": quick, "failed": failed, "rows": rows}, indent=1) + "\n")
    path.with_suffix(".md").write_text(text + "\n")
    print(f"\n{path}")
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
