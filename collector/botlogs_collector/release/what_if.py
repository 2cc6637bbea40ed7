"""What changed policies would do to everything that is still in the hold: a replay that changes nothing."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from botlogs_collector.clock import Clock
from botlogs_collector.model.conversation import ConversationFacts, ConversationKey, DueConversation
from botlogs_collector.model.decision import Decision
from botlogs_collector.model.what_if import Example, Share, WhatIfReport
from botlogs_collector.release.judge import judge
from botlogs_collector.release_ports import ReplayStore
from botlogs_collector.sample.policies import PolicySet
from botlogs_collector.sample.rates import RateState

_EXAMPLES = 20


class WhatIf:
    """Keeps `release_ports.WhatIf`."""

    def __init__(self, store: ReplayStore, clock: Clock, hold_retention_ns: int, page: int = 1000) -> None:
        """Replay over *store*, *page* conversations at a time."""
        self._store = store
        self._page = page
        self._clock = clock
        self._hold_retention_ns = hold_retention_ns

    def replay(self, policies: PolicySet, since_ns: int) -> WhatIfReport:
        """See `release_ports.WhatIf`."""
        now_ns = self._clock.now_ns()
        from_ns = max(now_ns - since_ns, now_ns - self._hold_retention_ns)
        grants = self._store.grants(now_ns)
        tally = _Tally()
        rates: RateState = {}
        for page in self._pages(from_ns, now_ns):
            pairs = list(zip(page, self._store.facts(page, policies.conditions), strict=True))
            judged = judge(policies, grants, pairs, rates)
            rates = judged.rates
            for (due, facts), decision in zip(pairs, judged.decisions, strict=True):
                tally.add(due, facts, decision)
        return tally.report()

    def _pages(self, from_ns: int, now_ns: int) -> Iterator[Sequence[DueConversation]]:
        """In the order in which they became due: the time that rates count by never runs back between pages."""
        after = (0, ConversationKey(""))
        while page := self._store.ended(from_ns, now_ns, after, self._page):
            yield page
            after = (page[-1].available_unix_nano, page[-1].key)
            if len(page) < self._page:
                return


@dataclass(slots=True)
class _Sum:
    conversations: int = 0
    kept: int = 0
    bytes: int = 0
    kept_bytes: int = 0

    def add(self, facts: ConversationFacts, *, kept: bool) -> None:
        self.conversations += 1
        self.bytes += facts.bytes
        if kept:
            self.kept += 1
            self.kept_bytes += facts.bytes


@dataclass(slots=True)
class _Tally:
    total: _Sum = field(default_factory=_Sum)
    by_policy: defaultdict[str, _Sum] = field(default_factory=lambda: defaultdict(_Sum))
    by_bot: defaultdict[str, _Sum] = field(default_factory=lambda: defaultdict(_Sum))
    lost: list[Example] = field(default_factory=list[Example])
    lost_total: int = 0
    changed: list[Example] = field(default_factory=list[Example])
    changed_total: int = 0

    def add(self, due: DueConversation, facts: ConversationFacts, decision: Decision) -> None:
        kept = decision.outcome == "keep"
        for part in (self.total, self.by_policy[decision.decided_by], self.by_bot[due.bot_id]):
            part.add(facts, kept=kept)
        example = Example(
            conversation_id=due.conversation_id or due.trace_ids[0],
            bot_id=due.bot_id,
            errors=facts.errors,
            now=due.previous_decision,
            then=decision.outcome,
            decided_by=decision.decided_by,
        )
        if facts.errors and not kept:
            self.lost_total += 1
            self.lost += [example][: _EXAMPLES - len(self.lost)]
        if due.previous_decision not in ("", decision.outcome):
            self.changed_total += 1
            self.changed += [example][: _EXAMPLES - len(self.changed)]

    def report(self) -> WhatIfReport:
        return WhatIfReport(
            conversations=self.total.conversations,
            kept=self.total.kept,
            bytes=self.total.bytes,
            kept_bytes=self.total.kept_bytes,
            by_policy=_shares(self.by_policy),
            by_bot=_shares(self.by_bot),
            lost_with_errors=tuple(self.lost),
            lost_with_errors_total=self.lost_total,
            examples=tuple(self.changed),
            examples_total=self.changed_total,
        )


def _shares(sums: dict[str, _Sum]) -> tuple[Share, ...]:
    """The largest first."""
    ordered = sorted(sums.items(), key=lambda item: (-item[1].conversations, item[0]))
    return tuple(
        Share(name=name, conversations=s.conversations, kept=s.kept, bytes=s.bytes, kept_bytes=s.kept_bytes)
        for name, s in ordered
    )
