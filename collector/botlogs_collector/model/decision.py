"""Keep or drop, and every reason for it: what a receipt records."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

Outcome = Literal["keep", "drop"]

# What one policy said. `inverted_*` are the processor's deprecated invert_match decisions; `error`
# means that the policy raised: it is counted and skipped, and never drops (sampling fails open).
# `not_asked`: a drop policy, or the first match, had already decided.
VoteValue = Literal[
    "sampled", "not_sampled", "inverted_sampled", "inverted_not_sampled", "dropped", "error", "not_asked"
]


class Vote(NamedTuple):
    """One policy's answer, with the figures it rests on, in words for people.

    A tuple, because deciding makes ten a conversation and a frozen dataclass takes twice as long to make.
    """

    policy: str
    vote: VoteValue
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The outcome for one conversation.

    `decided_by` is the deciding policy's name, `grant:<id>`, `default` (no policies are set),
    `none` (policies are set and none sampled), `error:<policy>` (none sampled, but that one
    failed: keep) or `maximum_trace_size_bytes`. `weight` is how many conversations this kept one
    stands for (1 / probability of being sampled; 1.0 where that is unknown or certain).
    """

    outcome: Outcome
    decided_by: str
    votes: tuple[Vote, ...]
    policies_hash: str
    weight: float = 1.0
