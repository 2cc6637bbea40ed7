"""Reads one mapping of the policies' YAML, noting every fault with its path, and what was read with its defaults."""

from collections.abc import Collection, Mapping, Sequence
from typing import cast

from botlogs_collector.config.faults import Faults

_REQUIRED = object()
_MAX_INT = 2**63 - 1


class Block:
    """A mapping that is read key by key; `finish` then names the keys that nobody read.

    `values` holds what was read, defaults included: equal blocks have equal values however they were written.
    """

    def __init__(self, raw: object, path: str, faults: Faults) -> None:
        self.path = path
        self.faults = faults
        self.values: dict[str, object] = {}
        if not isinstance(raw, Mapping):
            faults.add(path, f"must be a mapping, not {_shown(raw)}")
        items = cast("Mapping[object, object]", raw) if isinstance(raw, Mapping) else {}
        self.raw: dict[str, object] = {str(key): value for key, value in items.items()}
        self._known: set[str] = set()
        self._is_mapping = isinstance(raw, Mapping)

    def at(self, key: str) -> str:
        """Return the path of *key*."""
        return f"{self.path}.{key}" if self.path else key

    def finish(self, ignored: Collection[str] = ()) -> None:
        """Note every key that was neither read nor is among *ignored*."""
        known = self._known | set(ignored)
        for key in self.raw:
            if key not in known:
                self.faults.unknown_key(self.path, key, known)

    def text(self, key: str, default: object = _REQUIRED) -> str:
        """Return a text that is not empty."""
        value = self._read(key, (str,), "text", default, "")
        if default is _REQUIRED and self.raw.get(key) == "":
            self.faults.add(self.at(key), "must not be empty")
        return cast("str", value)

    def boolean(self, key: str, default: object = _REQUIRED) -> bool:
        """Return true or false."""
        return cast("bool", self._read(key, (bool,), "true or false", default, fallback=False))

    def whole(self, key: str, default: object = _REQUIRED, *, least: int | None = 0) -> int:
        """Return a whole number of 64 bits that is at least *least*."""
        value = cast("int", self._read(key, (int,), "a whole number", default, 0))
        if least is not None and value < least and key in self.raw:
            self.faults.add(self.at(key), f"must be {least} or more, not {value}")
        if abs(value) > _MAX_INT:
            self.faults.add(self.at(key), "does not fit into 64 bits")
        return value

    def whole_or_none(self, key: str) -> int | None:
        """Return a whole number, or None where the key is missing."""
        self._known.add(key)
        if self.raw.get(key) is None:
            self.values[key] = None
            return None
        return self.whole(key, least=None)

    def number(self, key: str, default: object = _REQUIRED) -> float:
        """Return a number."""
        value = self._read(key, (int, float), "a number", default, 0.0)
        self.values[key] = number = float(cast("float", value))
        return number

    def choice(self, key: str, choices: Sequence[str], default: object = _REQUIRED) -> str:
        """Return one of *choices*."""
        value = self.text(key, default)
        if value and value not in choices:
            self.faults.add(self.at(key), f"must be one of {', '.join(choices)}, not {value!r}")
        return value

    def texts(self, key: str, default: object = _REQUIRED) -> tuple[str, ...]:
        """Return a list of texts."""
        items = self.items(key, default)
        for index, item in enumerate(items):
            if not isinstance(item, str):
                self.faults.add(f"{self.at(key)}[{index}]", f"must be text, not {_shown(item)}; put it in quotes")
        self.values[key] = found = tuple(str(item) for item in items)
        return found

    def items(self, key: str, default: object = _REQUIRED) -> list[object]:
        """Return a list, its items as they are."""
        return list(cast("Sequence[object]", self._read(key, (list, tuple), "a list", default, ())))

    def block(self, key: str) -> "Block":
        """Return the mapping at *key*; a missing one is a fault, and reads as empty."""
        self._known.add(key)
        if self.raw.get(key) is None:
            if self._is_mapping:
                self.faults.add(self.at(key), "is missing")
            empty = Block({}, self.at(key), Faults())
            empty._is_mapping = False
            return empty
        return Block(self.raw[key], self.at(key), self.faults)

    def _read(self, key: str, types: tuple[type, ...], wanted: str, default: object, fallback: object) -> object:
        self._known.add(key)
        value = self.raw.get(key)
        if value is None:
            if default is _REQUIRED:
                if self._is_mapping:
                    self.faults.add(self.at(key), "is missing")
                return fallback
            value = default
        elif not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            hint = "; put it in quotes" if wanted == "text" and isinstance(value, (int, float, bool)) else ""
            self.faults.add(self.at(key), f"must be {wanted}, not {_shown(value)}{hint}")
            return fallback
        self.values[key] = value
        return value


def _shown(value: object) -> str:
    return f"{type(value).__name__} {str(value)[:40]!r}"
