"""What a policy is: it answers one question about one conversation, in words and figures."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol, runtime_checkable

from botlogs_collector.model.conversation import ConversationFacts
from botlogs_collector.model.decision import Vote, VoteValue
from botlogs_collector.sample.conditions import Condition
from botlogs_collector.sample.rates import Rates


class Answer(NamedTuple):
    """A vote, and how many conversations one with this vote stands for (1.0: certain, or unknown)."""

    vote: Vote
    weight: float = 1.0


class Policy(Protocol):
    """One rule. Pure but for *rates*, whose use is part of the answer."""

    @property
    def name(self) -> str:
        """Return the name that votes and receipts carry."""
        ...

    @property
    def conditions(self) -> Sequence[Condition]:
        """Return what must be asked of the store before `evaluate`."""
        ...

    def evaluate(self, facts: ConversationFacts, rates: Rates) -> Answer:
        """Judge the conversation; may raise, which counts as the vote `error`."""
        ...


@runtime_checkable
class LearningPolicy(Policy, Protocol):
    """A policy that must know which conversations were kept in the end, whoever kept them."""

    def note_kept(self, facts: ConversationFacts, rates: Rates) -> None:
        """Remember that this conversation is kept."""
        ...


def answer(policy: str, vote: VoteValue, because: str, weight: float = 1.0) -> Answer:
    """Return the answer of *policy*."""
    return Answer(Vote(policy, vote, because), weight)


def is_sampled(given: Answer) -> bool:
    """Tell whether a combining policy counts this as a match: inverted answers collapse inside them."""
    return given.vote.vote in {"sampled", "inverted_sampled"}


def moment(facts: ConversationFacts) -> int:
    """Return the time that rates count this conversation at: when it became due, by our clock.

    Not the time of the decision: a backlog after an outage is then judged like the same
    traffic in time, and a what-if gives what would have been.
    """
    return facts.due_unix_nano or facts.ended_unix_nano
