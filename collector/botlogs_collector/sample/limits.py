"""The policies that count: spans and bytes a second, so many an hour for each key, new paths a day."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from botlogs_collector.model.conversation import ConversationFacts
from botlogs_collector.sample.conditions import Condition, NodePath
from botlogs_collector.sample.policy import Answer, answer, moment
from botlogs_collector.sample.rates import DAY_NS, HOUR_NS, Rates

_NODE_PATH = NodePath()
_NODE_PATH_NAME = _NODE_PATH.name
_MAX_KEY_CHARACTERS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenBucket:
    """Samples while the bucket holds enough; what is larger than `burst` never passes."""

    name: str
    cell: str
    of: str  # "spans" or "bytes"
    per_second: int
    burst: int
    conditions: Sequence[Condition] = ()

    def evaluate(self, facts: ConversationFacts, rates: Rates) -> Answer:
        """Take the conversation's spans or bytes from the bucket."""
        amount = facts.spans if self.of == "spans" else facts.bytes
        is_taken, tokens = rates.take(self.cell, amount, self.per_second, self.burst, moment(facts))
        because = f"it has {amount} {self.of}; {int(tokens)} were left of {self.burst} ({self.per_second} a second)"
        return answer(self.name, "sampled" if is_taken else "not_sampled", because)


@dataclass(frozen=True, slots=True, kw_only=True)
class PerKey:
    """Samples the first `per_hour` conversations of each clock hour for each bot, flow, node or intent.

    A conversation with several keys is sampled if one of them has room, and counts for all.
    Beyond `max_keys` in one hour, all further keys share one count.
    """

    name: str
    cell: str
    of: str
    per_hour: int
    max_keys: int
    seen: str | None  # the condition's name; None: the bot, which the facts hold
    conditions: Sequence[Condition]

    def evaluate(self, facts: ConversationFacts, rates: Rates) -> Answer:
        """Look for a key with room left."""
        at = moment(facts)
        keys = self._keys(facts)
        if not keys:
            return answer(self.name, "not_sampled", f"no {self.of} occurred")
        cells = [self._known(key, at, rates) for key in keys]
        counts = [rates.counted(cell, HOUR_NS, at)[0] for cell in cells]
        least = min(counts)
        key = keys[counts.index(least)]
        if least >= self.per_hour:
            because = f"{least} with {self.of} {key} were sampled this hour, the most that are wanted"
            return answer(self.name, "not_sampled", because)
        for cell in dict.fromkeys(cells):
            self._count(cell, at, rates)
        return answer(self.name, "sampled", f"number {least + 1} of {self.per_hour} this hour with {self.of} {key}")

    def _keys(self, facts: ConversationFacts) -> list[str]:
        found = [facts.bot_id] if self.seen is None else facts.conditions[self.seen]
        assert isinstance(found, Sequence)
        return sorted({str(key)[:_MAX_KEY_CHARACTERS] for key in found if key})

    def _known(self, key: str, at: int, rates: Rates) -> str:
        cell = f"{self.cell}/{key}"
        is_full = rates.counted(self.cell, HOUR_NS, at)[0] >= self.max_keys
        return f"{self.cell}//others" if is_full and not rates.counted(cell, HOUR_NS, at)[0] else cell

    def _count(self, cell: str, at: int, rates: Rates) -> None:
        if rates.count(cell, 1, HOUR_NS, at) == 1:
            rates.count(self.cell, 1, HOUR_NS, at)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPath:
    """Samples where no conversation with the same way through the flow was kept yet this day (UTC).

    At most `max_paths` a day are remembered; then nothing counts as new any more.
    """

    name: str
    cell: str
    max_paths: int
    conditions: Sequence[Condition] = field(default=(_NODE_PATH,))

    def evaluate(self, facts: ConversationFacts, rates: Rates) -> Answer:
        """Look the path up among those that were kept."""
        path, at = str(facts.conditions[_NODE_PATH_NAME]), moment(facts)
        if not path:
            return answer(self.name, "not_sampled", "no node was visited")
        if rates.counted(self._of(facts, path), DAY_NS, at)[0]:
            return answer(self.name, "not_sampled", f"path {path} was kept already this day")
        known = rates.counted(self.cell, DAY_NS, at)[0]
        if known >= self.max_paths:
            return answer(self.name, "not_sampled", f"{known} paths were kept this day, the most that are remembered")
        return answer(self.name, "sampled", f"path {path} is new; {known} others were kept this day")

    def note_kept(self, facts: ConversationFacts, rates: Rates) -> None:
        """Remember the path, whoever kept the conversation."""
        path, at = str(facts.conditions[_NODE_PATH_NAME]), moment(facts)
        cell = self._of(facts, path)
        if not path or rates.counted(cell, DAY_NS, at)[0] or rates.counted(self.cell, DAY_NS, at)[0] >= self.max_paths:
            return
        rates.count(cell, 1, DAY_NS, at)
        rates.count(self.cell, 1, DAY_NS, at)

    def _of(self, facts: ConversationFacts, path: str) -> str:
        return f"{self.cell}/{facts.bot_id}/{path}"
