"""Writes the dashboards' JSON: `python -m botlogs_dashboards.grafana.generate [--console URL] [--output FOLDER]`.

What is committed is what this writes without arguments; a test fails on a difference.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from botlogs_dashboards.grafana.boards import collector, conversation, flow, overview
from botlogs_dashboards.grafana.model import Dashboard

FOLDER: Final = Path(__file__).parent / "dashboards"
CONSOLE: Final = "http://127.0.0.1:8080"


def dashboards(console_url: str = CONSOLE) -> list[Dashboard]:
    """Return all dashboards, with links into the console at *console_url*."""
    return [each.dashboard(console_url) for each in (overview, flow, conversation, collector)]


def files(console_url: str = CONSOLE) -> dict[str, str]:
    """Return the text of every file by its name."""
    return {
        f"{each.uid}.json": json.dumps(each.json(), indent=2, ensure_ascii=False) + "\n"
        for each in dashboards(console_url)
    }


def main(arguments: list[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Write the Grafana dashboards of Bot logs.")
    parser.add_argument("--console", default=CONSOLE, help="address of the console, for links (%(default)s)")
    parser.add_argument("--output", type=Path, default=FOLDER, help="folder to write to (the package's own)")
    given = parser.parse_args(arguments)
    if urlsplit(given.console).scheme not in ("http", "https"):
        parser.error(f"--console must be an http or https address, such as {CONSOLE}, not {given.console!r}")
    given.output.mkdir(parents=True, exist_ok=True)
    for name, text in files(given.console.rstrip("/")).items():
        (given.output / name).write_text(text)
        sys.stdout.write(f"{given.output / name}\n")


if __name__ == "__main__":
    main()
