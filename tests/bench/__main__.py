"""`python -m tests.bench [--quick] [NAME …]`: every bench module of this folder, as one table and one JSON file.

A bench is a module with `run(quick) -> list of rows` (`report.py` says what a row is). A bench that fails does
not take the others' figures with it.
"""

import argparse
import importlib
import json
import pkgutil
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import tests.bench
from tests.bench.report import Row, machine, report

RESULTS = Path("bench-results")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what was asked for, print it, and write it to bench-results/."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    if unknown := [name for name in chosen.names if name not in benches()]:
        parser.error(f"no bench is called {unknown[0]!r}; there are: {', '.join(benches())}")
    rows: list[Row] = []
    failed: list[str] = []
    for name, bench in benches().items():
        if chosen.names and name not in chosen.names:
            continue
        started = time.perf_counter()
        print(f"· {name}", file=sys.stderr, flush=True)
        try:
            rows += bench.run(chosen.quick)
        except Exception:  # noqa: BLE001  # said below, and the exit code tells
            traceback.print_exc()
            failed.append(name)
        print(f"  {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
    facts = machine()
    text = report(facts, rows)
    print(text)
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{facts['at']}.json"
    path.write_text(json.dumps({"machine": facts, "quick": chosen.quick, "failed": failed, "rows": rows}, indent=1))
    path.with_suffix(".md").write_text(text + "\n")
    print(f"\n{path}")
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


def benches() -> dict[str, ModuleType]:
    """Return the benches by name."""
    names = [module.name for module in pkgutil.iter_modules(tests.bench.__path__) if module.name != "__main__"]
    modules = {name: importlib.import_module(f"tests.bench.{name}") for name in names}
    return {name: module for name, module in modules.items() if hasattr(module, "run")}


def _parser() -> argparse.ArgumentParser:
    about = {name: (module.__doc__ or "").partition("\n")[0] for name, module in benches().items()}
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description="Measure speed and memory; print one table, and write it to bench-results/ as Markdown and JSON.",
        epilog="\n".join(["benches:", *(f"  {name:<10} {line}" for name, line in about.items())]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="of a bench below; without one, all")
    parser.add_argument("--quick", action="store_true", help="all of them in two minutes: smaller stores, shorter runs")
    return parser


if __name__ == "__main__":
    main()
