"""The policies made of policies: and, not, drop, composite."""

from collections.abc import Sequence
from dataclasses import dataclass

from botlogs_collector.model.conversation import ConversationFacts
from botlogs_collector.model.decision import VoteValue
from botlogs_collector.sample.conditions import Condition
from botlogs_collector.sample.policy import Answer, Policy, answer, is_sampled, moment
from botlogs_collector.sample.rates import SECOND_NS, Rates


class AllOf:
    """`and` and `drop`: every part must match; the first that does not ends it, and the rest are not asked.

    So a limit listed after a filter counts only what the filter let through.
    """

    def __init__(self, name: str, parts: Sequence[Policy], *, drops: bool = False) -> None:
        self.name = name
        self._parts = tuple(parts)
        self._vote: VoteValue = "dropped" if drops else "sampled"

    @property
    def conditions(self) -> Sequence[Condition]:
        """Return what the parts ask."""
        return [condition for part in self._parts for condition in part.conditions]

    def evaluate(self, facts: ConversationFacts, rates: Rates) -> Answer:
        """Ask the parts in order."""
        given: list[Answer] = []
        for part in self._parts:
            given.append(part.evaluate(facts, rates))
            if not is_sampled(given[-1]):
                vote = given[-1].vote
                return answer(self.name, "not_sampled", f"{vote.policy}: {vote.because}")
        because = "; ".join(f"{each.vote.policy}: {each.vote.because}" for each in given)
        # Shares of the same hash are nested, so the smallest share decides; other salts are taken as nested too.
        weight = 1.0 if self._vote == "dropped" else max(each.weight for each in given)
        return answer(self.name, self._vote, because, weight)


_OPPOSITE: dict[VoteValue, VoteValue] = {"sampled": "not_sampled", "not_sampled": "sampled"}


class Not:
    """Turns sampled and not sampled round; inverted answers bubble up as they are, as in the processor."""

    def __init__(self, name: str, part: Policy) -> None:
        self.name = name
        self._part = part
        self.conditions = part.conditions

    def evaluate(self, facts: ConversationFacts, rates: Rates) -> Answer:
        """Ask the part, and say the opposite."""
        vote, weight = self._part.evaluate(facts, rates)
        because = f"the opposite of {vote.policy}: {vote.because}"
        return answer(self.name, _OPPOSITE.get(vote.vote, vote.vote), because, weight)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A part of a composite with its own spans a second."""

    policy: Policy
    cell: str
    spans_per_second: int


class Composite:
    """The first part that matches decides: sampled within its share of spans a second, else not; no falling through.

    Counted in whole seconds. As in the processor the total is compared with each part's own count, not with the sum.
    """

    def __init__(self, name: str, max_total_spans_per_second: int, shares: Sequence[Share]) -> None:
        self.name = name
        self._max_total = max_total_spans_per_second
        self._shares = tuple(shares)

    @property
    def conditions(self) -> Sequence[Condition]:
        """Return what the parts ask."""
        return [condition for share in self._shares for condition in share.policy.conditions]

    def evaluate(self, facts: ConversationFacts, rates: Rates) -> Answer:
        """Ask the parts in order; the first match spends its share."""
        for share in self._shares:
            given = share.policy.evaluate(facts, rates)
            if is_sampled(given):
                return self._spend(share, given, facts, rates)
        return answer(self.name, "not_sampled", "none of its policies matched")

    def _spend(self, share: Share, given: Answer, facts: ConversationFacts, rates: Rates) -> Answer:
        at = moment(facts)
        limit = min(share.spans_per_second, self._max_total)
        spent = rates.counted(share.cell, SECOND_NS, at)[0]
        is_within = spent + facts.spans <= limit
        if is_within:
            rates.count(share.cell, facts.spans, SECOND_NS, at)
        because = (
            f"{share.policy.name} matched ({given.vote.because}); it has {facts.spans} spans, "
            f"{spent} of {limit} were sampled in this second"
        )
        return answer(self.name, "sampled" if is_within else "not_sampled", because, given.weight if is_within else 1.0)
