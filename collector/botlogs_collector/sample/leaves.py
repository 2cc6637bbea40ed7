"""The policies that look at one thing: an attribute, a status, a duration, a count."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from botlogs_collector.model.conversation import ConversationFacts
from botlogs_collector.model.decision import VoteValue
from botlogs_collector.sample.conditions import Condition, SpanTime, WaitingNode
from botlogs_collector.sample.policy import Answer, answer
from botlogs_collector.sample.rates import Rates

_SPAN_TIME = SpanTime()
_SPAN_TIME_NAME = _SPAN_TIME.name
_WAITING_NODE = WaitingNode()
_WAITING_NODE_NAME = _WAITING_NODE.name


class AlwaysSample:
    """Samples everything."""

    conditions: Sequence[Condition] = ()

    def __init__(self, name: str) -> None:
        self.name = name
        self._answer = answer(name, "sampled", "everything is sampled")

    def evaluate(self, facts: ConversationFacts, rates: Rates) -> Answer:  # noqa: ARG002  # the protocol's
        """Return the one answer there is."""
        return self._answer


class Matches:
    """Samples where one of the store's conditions holds; both answers are made once, for speed."""

    def __init__(self, name: str, conditions: Sequence[Condition], what: str, *, invert: bool = False) -> None:
        self.name = name
        self.conditions = tuple(conditions)
        self._names = tuple(condition.name for condition in conditions)
        yes: VoteValue = "inverted_not_sampled" if invert else "sampled"
        no: VoteValue = "inverted_sampled" if invert else "not_sampled"
        self._yes = answer(name, yes, f"found: {what}")
        self._no = answer(name, no, f"not found: {what}")

    def evaluate(self, facts: ConversationFacts, rates: Rates) -> Answer:  # noqa: ARG002
        """Answer yes if any of the conditions holds."""
        found = facts.conditions
        for name in self._names:
            if found[name]:
                return self._yes
        return self._no


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Samples by the time from the first span's start to the last one's end.

    Whole milliseconds and more than the lower bound, as in the processor.
    """

    name: str
    threshold_ms: int
    upper_threshold_ms: int
    conditions: Sequence[Condition] = (_SPAN_TIME,)

    def evaluate(self, facts: ConversationFacts, rates: Rates) -> Answer:  # noqa: ARG002
        """Compare the whole conversation's duration with the bounds."""
        took_ms = cast("int", facts.conditions[_SPAN_TIME_NAME]) // 1_000_000
        if self.upper_threshold_ms:
            is_in = self.threshold_ms < took_ms <= self.upper_threshold_ms
            wanted = f"more than {self.threshold_ms} and up to {self.upper_threshold_ms} ms"
        else:
            is_in = took_ms > self.threshold_ms
            wanted = f"more than {self.threshold_ms} ms"
        return answer(self.name, "sampled" if is_in else "not_sampled", f"it took {took_ms} ms; wanted: {wanted}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CountBetween:
    """Samples by a number of spans or turns, bounds included; a maximum of 0 is none."""

    name: str
    of: str  # the field of the facts, and the word for it
    minimum: int
    maximum: int
    conditions: Sequence[Condition] = ()

    def evaluate(self, facts: ConversationFacts, rates: Rates) -> Answer:  # noqa: ARG002
        """Compare the count with the bounds."""
        count = facts.spans if self.of == "spans" else facts.turns
        is_in = self.minimum <= count and (not self.maximum or count <= self.maximum)
        wanted = f"{self.minimum} to {self.maximum}" if self.maximum else f"{self.minimum} or more"
        because = f"it has {count} {self.of}; wanted: {wanted}"
        return answer(self.name, "sampled" if is_in else "not_sampled", because)


@dataclass(frozen=True, slots=True, kw_only=True)
class Abandoned:
    """Samples where the bot waited for the user, who never came back; `nodes`: at one of these only."""

    name: str
    nodes: frozenset[str]
    conditions: Sequence[Condition] = (_WAITING_NODE,)

    def evaluate(self, facts: ConversationFacts, rates: Rates) -> Answer:  # noqa: ARG002
        """Look at the node that waited last, and at how the conversation ended."""
        node = str(facts.conditions[_WAITING_NODE_NAME])
        if not node:
            return answer(self.name, "not_sampled", "no node was waiting for the user when it ended")
        if facts.end_rule == "signal":
            return answer(self.name, "not_sampled", f"node {node} was waiting, but the bot ended the conversation")
        is_in = not self.nodes or node in self.nodes
        return answer(self.name, "sampled" if is_in else "not_sampled", f"the user left while node {node} was waiting")
