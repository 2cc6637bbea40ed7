"""Runs a bot again and again on its runtime as a next version might be, one wrapped name called otherwise each time.

Writes one line of JSON a run into the file that is its second argument: first with no name missing, and before that
without the plugin. Only the plugin's look-up of the name is disturbed, so that the runtime itself works on.
"""

from __future__ import annotations

import contextlib
import io
import json
import runpy
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import by_code

import otel_botlogs
from otel_botlogs import guard, testing
from otel_botlogs.instrumentors import patches

resolve = patches._resolve  # the one look-up of all instrumentors


def run(bot: str, missing: str | None) -> dict[str, Any]:
    """Run *bot* instrumented, with *missing* not to be found; return what it printed and what was recorded."""
    wrapped: list[str] = []

    def look_up(module: str, name: str) -> tuple[Any, str]:
        wrapped.append(name)
        if name == missing:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        return resolve(module, name)

    patches._resolve = look_up
    guard.reset()
    with testing.record() as recording:
        assert otel_botlogs.instrument(), otel_botlogs.counts()
        printed = output_of(bot)
        by_code.uninstrument()
    talks = [recording.conversation(name) for name in recording.conversation_ids]
    return {
        "missing": missing,
        "printed": printed,
        "wrapped": wrapped,
        "counts": otel_botlogs.counts(),
        "nodes": sorted(node for talk in talks for node in talk.nodes),
        "messages": sorted(f"{who}: {text}" for talk in talks for who, text in talk.messages),
        "errors": sorted(error for talk in talks for error in talk.errors),
    }


def output_of(bot: str) -> str:
    """Run *bot* and return what it printed."""
    sys.argv = [bot]
    with contextlib.redirect_stdout(io.StringIO()) as out:
        runpy.run_path(bot, run_name="__main__")
    return out.getvalue()


def main(bot: str, report: str) -> None:
    """Run it bare, whole, and once for each name that is wrapped when all are there, and for each fallback's."""
    with Path(report).open("w") as lines:

        def write(line: object) -> None:
            lines.write(json.dumps(line) + "\n")

        write({"printed": output_of(bot)})
        whole = run(bot, None)
        write(whole)
        for name in dict.fromkeys(whole["wrapped"]):
            write(run(bot, name))


if __name__ == "__main__":
    main(*sys.argv[1:])
