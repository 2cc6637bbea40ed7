"""The seams of holding, releasing and bringing back, each a promise in prose; the others are in ports.py."""

from collections.abc import Sequence
from typing import Protocol

from botlogs_collector.model.conversation import ConversationFacts, ConversationKey, DueConversation
from botlogs_collector.model.grant import Grant, Scope
from botlogs_collector.model.move import Move
from botlogs_collector.model.receipt import Receipt
from botlogs_collector.model.what_if import WhatIfReport
from botlogs_collector.sample.conditions import Condition
from botlogs_collector.sample.policies import PolicySet
from botlogs_collector.sample.rates import RateState


class HeldStore(Protocol):
    """The hold and the receipts, as the release engine needs them. Called from one thread.

    Every method may raise Retryable: ClickHouse did not answer; the round is repeated, and every
    step repeated with the same arguments has the same result as once.
    """

    def due(self, now_ns: int, watermark_ns: int, limit: int) -> list[DueConversation]:
        """Return up to *limit* conversations whose `available_unix_nano` has passed, the longest due first.

        Only those whose last activity was received up to *watermark_ns*: younger rows may still be on their way.
        """
        ...

    def totals(self, now_ns: int) -> tuple[int, int]:
        """Return how many conversations are held or going on, and how many bytes of them were received."""
        ...

    def facts(self, batch: Sequence[DueConversation], conditions: Sequence[Condition]) -> list[ConversationFacts]:
        """Return one row of facts for each conversation of *batch*, in its order. One query whatever its size.

        *conditions* are what the policies ask; each answer is in `ConversationFacts.conditions` by name.

        Counts are of identities: a span sent twice is one span. Only rows received after the
        conversation's `after_watermark_ns` and up to its `watermark_ns` count.
        """
        ...

    def grants(self, now_ns: int) -> list[Grant]:
        """Return the grants in force or not long expired, so that what ended under one is kept."""
        ...

    def rates(self) -> RateState:
        """Return what rate-limited policies have spent, of all collectors together."""
        ...

    def note_rates(self, batch_id: str, before: RateState, after: RateState, now_ns: int) -> None:
        """Note the cells of *after* that differ from *before*: spent as soon as a receipt of *batch_id* is written.

        After a crash in between, nothing was spent; after one behind it, `rates` counts what was noted.
        """
        ...

    def save_rates(self, before: RateState, after: RateState, now_ns: int) -> None:
        """Write the cells of *after* that differ from *before*: they were noted, and their batch has its receipts."""
        ...

    def receipts(self, keys: Sequence[ConversationKey]) -> list[Receipt]:
        """Return the receipt of the newest episode of each of *keys* that has one."""
        ...

    def write_receipts(self, receipts: Sequence[Receipt], moves: Sequence[Move]) -> None:
        """Note *moves*, then write *receipts*, each replacing an older version of its key and episode.

        After a crash in between, the noted moves belong to no receipt and nobody makes them.
        """
        ...

    def unfinished(self) -> list[Receipt]:
        """Return the receipts on record that say `releasing` or `restoring`: their move is not noted as done."""
        ...

    def move(self, batch_id: str, keys: Sequence[ConversationKey]) -> None:
        """Copy the noted rows of *batch_id* that are of *keys* to the readers; once however often it is called.

        *keys* are those of the batch's receipts on record: what another batch decided, or nobody, is not moved.
        """
        ...


class TotalsStore(Protocol):
    """The totals of everything received, as `release.totals` needs them. Called from one thread.

    Every method may raise Retryable: ClickHouse did not answer.
    """

    def settled_upto_s(self) -> int:
        """Return the first hour (Unix seconds) that is not known to be exact, 0 if none is."""
        ...

    def settle(self, from_s: int, upto_s: int) -> None:
        """Make the totals of the hours in [*from_s*, *upto_s*) exact, and note it; again it changes nothing.

        All rows of those hours, and of the one before, are still in the store.
        """
        ...


class HistoryStore(Protocol):
    """Grants, receipts and the audit, as `release.history` needs them."""

    def grants(self, now_ns: int) -> list[Grant]:
        """Return the grants in force, and those not long expired."""
        ...

    def add_grant(self, grant: Grant, now_ns: int) -> None:
        """Write *grant* and an audit row."""
        ...

    def revoke_grant(self, grant: Grant, by: str, now_ns: int) -> None:
        """End *grant* and write an audit row."""
        ...

    def receipts_of(self, conversation: str) -> list[Receipt]:
        """Return all episodes' receipts of a conversation, named by id, key or trace id; empty: none."""
        ...

    def begin_restore(
        self, receipts: Sequence[Receipt], moves: Sequence[Move], *, by: str, reason: str, now_ns: int
    ) -> None:
        """Write audit rows, then *moves* and *receipts*; the release engine's next round makes the moves."""
        ...


class History(Protocol):
    """The complete history, for whoever may grant it: the query API calls this."""

    def grants(self) -> list[Grant]:
        """Return the grants in force or to come."""
        ...

    def grant(self, scope: Scope, *, from_unix_nano: int | None, until_unix_nano: int, reason: str, by: str) -> Grant:
        """Keep everything of *scope* that ends from *from_unix_nano* (None: now) until *until_unix_nano*.

        Raises:
            InvalidRequest: no scope, no reason, or times that make no sense.
        """
        ...

    def revoke(self, grant_id: str, *, by: str) -> None:
        """End a grant now.

        Raises:
            NotFound: there is none with this id in force.
        """
        ...

    def restore(self, conversation: str, *, by: str, reason: str) -> Sequence[Receipt]:
        """Bring back all dropped episodes of a conversation; readable after the engine's next round.

        Raises:
            NotFound: it has no receipt.
            InvalidRequest: it was not dropped, or has left the hold.
        """
        ...


class ReplayStore(Protocol):
    """What a what-if reads; it writes nothing that anyone sees."""

    def grants(self, now_ns: int) -> list[Grant]:
        """See `HeldStore`."""
        ...

    def ended(self, from_ns: int, now_ns: int, after: tuple[int, ConversationKey], limit: int) -> list[DueConversation]:
        """Return conversations still in the hold that ended in [*from_ns*, *now_ns*], whole.

        In the order of (`available_unix_nano`, `key`), the order in which the engine decides, those after *after*.
        """
        ...

    def facts(self, batch: Sequence[DueConversation], conditions: Sequence[Condition]) -> list[ConversationFacts]:
        """See `HeldStore`."""
        ...


class WhatIf(Protocol):
    """The effect of changed policies on what is held: the query API calls this."""

    def replay(self, policies: PolicySet, since_ns: int) -> WhatIfReport:
        """Judge everything in the hold that ended within the last *since_ns* by *policies*; change nothing."""
        ...
