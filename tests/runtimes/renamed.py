"""Runs a bot on its runtime as a next version might be: every name that the plugin would wrap is called otherwise.

Only the plugin's look-up of the names is disturbed, so that the runtime itself works on.
"""

from __future__ import annotations

import runpy
import sys
from typing import Any

import otel_botlogs
from otel_botlogs.instrumentors import patches

WRAPPED: list[str] = []


def renamed(module: str, name: str) -> tuple[Any, str]:
    """Find nothing."""
    WRAPPED.append(name)
    raise AttributeError(f"module {module!r} has no attribute {name!r}")


def main(bot: str) -> None:
    """Instrument and run *bot*; nothing but the missing names may have gone wrong."""
    patches._resolve = renamed  # the one look-up of all instrumentors
    otel_botlogs.configure()
    names = otel_botlogs.instrument()
    assert names, "no instrumentor works here"
    assert WRAPPED, f"{names} wraps nothing"
    sys.argv = [bot]
    runpy.run_path(bot, run_name="__main__")
    counted = otel_botlogs.counts()
    assert len(counted) == len(set(WRAPPED)), f"{counted} for {WRAPPED}"
    assert all(key.partition(".")[2] in WRAPPED for key in counted), f"caught its own errors: {counted}"


if __name__ == "__main__":
    main(sys.argv[1])
