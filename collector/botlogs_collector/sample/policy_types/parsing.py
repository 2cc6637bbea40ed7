"""What every type of policy is read with: the parser, and a type's own block."""

from collections.abc import Callable, Collection
from typing import Protocol

from botlogs_collector.config.faults import Faults
from botlogs_collector.sample.block import Block
from botlogs_collector.sample.leaves import CountBetween
from botlogs_collector.sample.policy import Policy


class Parsing(Protocol):
    """What a type that holds other policies needs of the parser."""

    faults: Faults

    def parse_list(
        self, entries: list[object], path: str, scope: str, allowed: Collection[str]
    ) -> list[tuple[Policy, str]]:
        """Return the policies of *entries* with their types."""
        ...

    def parse_one(
        self, entry: object, path: str, scope: str, allowed: Collection[str], taken: set[str]
    ) -> tuple[Policy, str] | None:
        """Return one policy with its type, or None after a fault."""
        ...


ParseType = Callable[[Parsing, str, str, Block], Policy]
"""Reads one entry: the parser, the policy's name, its cell of the counters, the entry."""


def open_block(entry: Block, type_: str, *, is_optional: bool = False) -> Block:
    """Return the block of *type_* in *entry*, and note what it holds; an optional one may be missing."""
    if is_optional and entry.raw.get(type_) is None:
        block = Block({}, entry.at(type_), entry.faults)
    else:
        block = entry.block(type_)
    entry.values[type_] = block.values
    return block


def listed(values: tuple[str, ...]) -> str:
    """Return *values* as words."""
    return " or ".join(repr(value) for value in values)


def count_between(name: str, block: Block, of: str) -> Policy:
    """Read `min_…` and `max_…` of *of*, bounds included."""
    minimum, maximum = block.whole(f"min_{of}", 0), block.whole(f"max_{of}", 0)
    block.finish()
    if maximum and maximum < minimum:
        block.faults.add(block.at(f"max_{of}"), f"must not be below min_{of} ({minimum}), not {maximum}")
    return CountBetween(name=name, of=of, minimum=minimum, maximum=maximum)
