"""Runs a bot as its author would: `otel_botlogs.configure()`, `otel_botlogs.instrument()`, then the bot.

Before that, what `instrument` wraps must be put back by `uninstrument`: every name of every loaded module of
the runtime is compared before and after.
"""

from __future__ import annotations

import importlib
import runpy
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import otel_botlogs

_MISSING = object()


def names_of(packages: tuple[str, ...]) -> dict[tuple[str, str, str], Any]:
    """Return what every module-level name and every attribute of every class of *packages* stands for."""
    found: dict[tuple[str, str, str], Any] = {}
    for module_name, module in list(sys.modules.items()):
        if module is None or module_name.split(".")[0] not in packages:
            continue
        for name, value in list(vars(module).items()):
            found[module_name, name, ""] = value
            if isinstance(value, type):
                found.update({(module_name, name, key): entry for key, entry in list(vars(value).items())})
    return found


def check_that_uninstrument_restores(packages: tuple[str, ...]) -> None:
    """Instrument and uninstrument once.

    Raises:
        AssertionError: nothing was wrapped, or a name is not as it was.
    """
    otel_botlogs.instrument()  # loads what the instrumentor needs of the runtime
    uninstrument()
    before = names_of(packages)
    names = otel_botlogs.instrument()
    assert names, f"no instrumentor works here: {otel_botlogs.counts()}"
    during = names_of(packages)
    assert [key for key in before if during[key] is not before[key]], f"{names} wrapped nothing"
    uninstrument()
    after = names_of(packages)
    changed = [key for key in before if after.get(key, _MISSING) is not before[key]]
    assert not changed, f"not as before: {changed}"
    assert not (added := after.keys() - before.keys()), f"left behind: {added}"


def uninstrument() -> None:
    """Uninstrument every runtime that is instrumented."""
    for entry in entry_points(group="opentelemetry_instrumentor"):
        if (
            entry.module.startswith("otel_botlogs.")
            and (instrumentor := entry.load()()).is_instrumented_by_opentelemetry
        ):
            instrumentor.uninstrument()


def main(bot: str) -> None:
    """Check, instrument, and run *bot*; its `PACKAGES` line names the runtime's modules to compare."""
    with Path(bot).open() as source:
        packages = tuple(next(line for line in source if line.startswith("# packages:")).split(":")[1].split())
    for package in packages:
        importlib.import_module(package)
    otel_botlogs.configure()
    check_that_uninstrument_restores(packages)
    otel_botlogs.instrument()
    sys.argv = [bot]
    runpy.run_path(bot, run_name="__main__")
    assert not otel_botlogs.counts(), f"the plugin caught its own errors: {otel_botlogs.counts()}"


if __name__ == "__main__":
    main(sys.argv[1])
