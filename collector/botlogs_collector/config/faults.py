"""A list of everything wrong with a configuration, each with its path and what would be right."""

import difflib
from collections.abc import Iterable

from botlogs_collector.errors import ConfigError


class Faults:
    """Collects faults so that all are reported at once."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, path: str, problem: str) -> None:
        """Note *problem* at *path* (dotted, list positions in brackets)."""
        self.lines.append(f"{path}: {problem}" if path else problem)

    def unknown_key(self, path: str, key: str, known: Iterable[str]) -> None:
        """Note a key nobody reads, naming the nearest one that exists."""
        choices = sorted(known)
        near = difflib.get_close_matches(key, choices, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(choices)}"
        self.add(f"{path}.{key}" if path else key, f"unknown key; {hint}")

    def unknown_value(self, path: str, value: str, known: Iterable[str]) -> None:
        """Note *value* at *path* unless it is one of *known*, naming the nearest one."""
        choices = sorted(known)
        if value not in choices:
            near = difflib.get_close_matches(value, choices, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(choices)}"
            self.add(path, f"{value!r} is unknown; {hint}")

    def raise_if_any(self) -> None:
        """Raise ConfigError with every line collected, if there is one."""
        if self.lines:
            raise ConfigError(self.lines)
