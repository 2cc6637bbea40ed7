"""What a replay of changed policies found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """The part of the conversations that one policy decided, or that one bot had."""

    name: str
    conversations: int
    kept: int
    bytes: int
    kept_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One conversation: what was decided (`now`, empty if it is undecided) and what would be (`then`)."""

    conversation_id: str
    bot_id: str
    errors: int
    now: str
    then: str
    decided_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIfReport:
    """Sums over everything replayed.

    `lost_with_errors` and `examples` (what would change) hold the first 20; their totals say how many there are.
    """

    conversations: int
    kept: int
    bytes: int
    kept_bytes: int
    by_policy: tuple[Share, ...]
    by_bot: tuple[Share, ...]
    lost_with_errors: tuple[Example, ...]
    lost_with_errors_total: int
    examples: tuple[Example, ...]
    examples_total: int
