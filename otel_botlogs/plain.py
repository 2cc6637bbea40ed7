"""Any Python value as bounded text: containers as JSON, cut with a mark, never recursing for ever.

Bounded *before* anything is rendered: a 100 MB string or a list that contains itself costs
no more than its limit.
"""

from __future__ import annotations

import json
import math
import reprlib
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from typing import Final, cast

Masker = Callable[[str, object], str | None]
"""Given a key and its value, the text that takes its place, or None to keep it."""

_MAX_DEPTH: Final = 8
_MAX_ITEMS: Final = 200
_REPR: Final = reprlib.Repr()
_REPR.maxother = 1000
_REPR.maxstring = 1000


def plain(value: object, max_bytes: int, masker: Masker | None = None) -> str:
    """Return *value* as text of about *max_bytes* at most: strings as they are, containers as JSON."""
    if isinstance(value, str):
        # One more byte than the limit, so that `cut` still sees that there was more.
        return value if len(value) <= max_bytes else cut(value, max_bytes)
    if value is None or isinstance(value, (bool, int, float)):
        return _number_text(value)
    budget = _Budget(max_bytes)
    simple = _simple(value, budget, 0, masker)
    return simple if isinstance(simple, str) else json.dumps(simple, ensure_ascii=False)


def cut(text: str, max_bytes: int) -> str:
    """Return *text* if it has at most *max_bytes* in UTF-8, else its beginning and how much was cut."""
    if len(text) * 4 <= max_bytes:
        return text
    if len(text) <= max_bytes and len(encoded := text.encode("utf-8", "replace")) <= max_bytes:
        return text
    encoded = text[:max_bytes].encode("utf-8", "replace")
    mark = f"…[cut, {len(text)} characters in all]"
    kept = encoded[: max(0, max_bytes - len(mark.encode()))].decode("utf-8", "ignore")
    return kept + mark


def valid_text(text: str) -> str:
    """Return *text* as it can be encoded; one lone surrogate would make an exporter lose its whole batch."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


class _Budget:
    """How much a rendering may still grow, in characters."""

    __slots__ = ("left",)

    def __init__(self, left: int) -> None:
        self.left = left

    def take(self, text: str) -> str:
        if len(text) > self.left:
            text = text[: max(0, self.left)] + "…[cut]"
        self.left -= len(text)
        return text


def _number_text(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and value.bit_length() > 4000:  # str() of a huge int is refused, or slow
        return f"<int of {value.bit_length()} bits>"
    return str(value)


def _simple(value: object, budget: _Budget, depth: int, masker: Masker | None) -> object:
    if isinstance(value, str):
        return budget.take(value)
    if value is None or isinstance(value, (bool, int, float)):
        if isinstance(value, float) and not math.isfinite(value):
            return str(value)
        budget.left -= 8
        return value if not isinstance(value, int) or value.bit_length() <= 64 else _number_text(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return f"<{len(value)} bytes>"
    if depth >= _MAX_DEPTH or budget.left <= 0:
        return "…[cut]"
    if is_dataclass(value) and not isinstance(value, type):
        value = {field.name: getattr(value, field.name, None) for field in fields(value)}
    if isinstance(value, Mapping):
        return _simple_mapping(cast("Mapping[object, object]", value), budget, depth, masker)
    if isinstance(value, (list, tuple, AbstractSet)):
        return _simple_items(cast("list[object]", value), budget, depth, masker)
    return budget.take(_described(value))


def _simple_mapping(value: Mapping[object, object], budget: _Budget, depth: int, masker: Masker | None) -> object:
    simple: dict[str, object] = {}
    for position, (key, item) in enumerate(value.items()):
        if position >= _MAX_ITEMS or budget.left <= 0:
            simple["…"] = f"[cut, {len(value)} entries in all]"
            break
        name = budget.take(key if isinstance(key, str) else _described(key))
        masked = masker(name, item) if masker else None
        simple[name] = masked if masked is not None else _simple(item, budget, depth + 1, masker)
    return simple


def _simple_items(value: list[object], budget: _Budget, depth: int, masker: Masker | None) -> object:
    simple: list[object] = []
    for position, item in enumerate(value):
        if position >= _MAX_ITEMS or budget.left <= 0:
            simple.append(f"…[cut, {len(value)} items in all]")
            break
        simple.append(_simple(item, budget, depth + 1, masker))
    return simple


def _described(value: object) -> str:
    try:
        return _REPR.repr(value)
    except Exception:  # noqa: BLE001 - a value that cannot even say what it is
        return f"<{type(value).__name__}>"
