"""A run of pytest that ends in a table: what was tried, how hard, what came of it; also written to bench-results/."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

from tests.bench.report import machine

RESULTS = Path("bench-results")
_EXAMPLES = re.compile(r"([\d,]+) passing, ([\d,]+) failing, and ([\d,]+) invalid")
_WORKERS = "tests.support.examples_tried"  # a plugin of every worker; it must not have been imported before
_STATISTICS = "hypothesis"  # what it says under this name


@dataclass(kw_only=True)
class Row:
    """One test: its effort (kills, examples, seconds of load), its result, and what was counted."""

    test: str
    effort: str = ""
    result: str = "passed"
    seconds: float = 0.0
    counted: str = ""


class RunTable:
    """A plugin of pytest, also of the one that distributes to workers; *noted* is asked after each test."""

    def __init__(self, noted: Callable[[], tuple[str, str]]) -> None:
        self._noted = noted
        self._rows: dict[str, Row] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Gather a test from its three reports."""
        row = self._rows.setdefault(report.nodeid, Row(test=report.nodeid.removeprefix("tests/")))
        row.seconds += report.duration
        if not report.passed:
            row.result = "skipped" if report.skipped else "FAILED"
            row.counted = _reason(report)
        if report.when == "teardown":
            said = dict(report.user_properties)  # also what tests leave there with pytest's `record_property`
            effort, counted = self._noted()
            row.effort = effort or str(said.get("effort", "")) or _examples(str(said.get(_STATISTICS, "")))
            row.counted = row.counted or counted or str(said.get("counted", ""))

    @property
    def rows(self) -> list[Row]:
        """Return what was gathered, in the order of the files."""
        return sorted(self._rows.values(), key=lambda row: row.test)

    def text(self) -> str:
        """Return the table as Markdown."""
        head = ["| test | effort | result | s | counted |", "|---|---|---|---:|---|"]
        lines = [f"| {r.test} | {r.effort} | {r.result} | {r.seconds:.1f} | {r.counted} |" for r in self.rows]
        return "\n".join(head + lines)


def run(name: str, arguments: Sequence[str], noted: Callable[[], tuple[str, str]] = lambda: ("", "")) -> int:
    """Run pytest with *arguments*, print and write the table of the run called *name*, return the exit code."""
    table = RunTable(noted)
    code = pytest.main(["-p", _WORKERS, *arguments], plugins=[table])
    facts = machine()
    text = f"{', '.join(f'{key} {value}' for key, value in facts.items())}\n\n{table.text()}\n"
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}-{facts['at']}.md"
    path.write_text(text, encoding="utf-8")
    rows = [asdict(row) for row in table.rows]
    path.with_suffix(".json").write_text(json.dumps({"machine": facts, "rows": rows}, indent=1) + "\n")
    print(f"\n{text}\n{path}")  # noqa: T201  # what the run is for
    return int(code)


def _examples(statistics: str) -> str:
    """Return how many examples Hypothesis says that it tried."""
    tried = sum(int(number.replace(",", "")) for found in _EXAMPLES.findall(statistics) for number in found)
    return f"{tried:,} examples" if tried else ""


def _reason(report: pytest.TestReport) -> str:
    """Return in one line why *report* is no pass."""
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
    lines = [line.removeprefix("E ").strip() for line in text.splitlines() if line.startswith("E ")] or [text.strip()]
    return lines[0].replace("|", "/")[:200]
