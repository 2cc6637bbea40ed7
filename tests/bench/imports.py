"""`botlogs import`: a hundred thousand lines of one span each; CPU a line, and what memory they take beyond a few."""

import tempfile
from pathlib import Path

from tests.bench.report import compared
from tests.support.import_cost import cost_of_import, write_lines

LINES = 100_000
QUICK_LINES = 20_000


def run(quick: bool) -> list[dict[str, object]]:
    """Return the rows of this bench."""
    with tempfile.TemporaryDirectory(prefix="botlogs-bench-") as folder:
        few, many = Path(folder) / "few.jsonl", Path(folder) / "many.jsonl"
        write_lines(few, 100)
        write_lines(many, QUICK_LINES if quick else LINES)
        little, much = cost_of_import(few), cost_of_import(many)
    lines = much.lines - little.lines
    return [
        {"name": "import: CPU a line of one span", "value": (much.cpu_s - little.cpu_s) / lines * 1e6, "unit": "µs"},
        {
            "name": f"import: memory, {much.lines} lines beyond {little.lines}",
            "value": much.peak_mib - little.peak_mib,
            "unit": "MiB",
            **compared(much.peak_mib - little.peak_mib, at_most=15),
        },
    ]
