"""Who may read what: the one gate before every word of content.

Readable is what is live, released or restored. That never turns back, so a yes is remembered for
a moment; a no is asked again each time. Whoever asks (`access.principal`) is looked at each time.
"""

import asyncio
import dataclasses
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection
from typing import TypeVar

from botlogs_collector.access.principal import current
from botlogs_collector.access.read_log import ReadLog
from botlogs_collector.clock import Clock
from botlogs_collector.errors import InvalidRequest, NotFound, NotReleased, SampledOut
from botlogs_collector.model.conversation import TraceId
from botlogs_collector.model.reading import ConversationRef, ConversationRow
from botlogs_collector.ports import ConversationReader
from botlogs_collector.query.pool import StorePool

T = TypeVar("T")

MAX_ID = 512
_KEPT = 1000
_KEPT_S = 5.0  # new traces of a conversation show up after at most this


class Access:
    """Finds conversations and refuses the content of those that may not be read."""

    def __init__(
        self, conversations: ConversationReader, pool: StorePool, clock: Clock, read_log: ReadLog | None = None
    ) -> None:
        self._conversations = conversations
        self._pool = pool
        self._clock = clock
        self._read_log = read_log
        self._known: OrderedDict[tuple[str, frozenset[str]], tuple[float, ConversationRef]] = OrderedDict()

    async def reading(
        self, identifier: str, read: Callable[[ConversationRef], Awaitable[T]]
    ) -> tuple[ConversationRef, T]:
        """Return the conversation, which whoever asks may read, and what *read* gives of it.

        The store is asked for the content while it is asked whether it may be read: *read* may begin with a guess at
        the conversation. What it gives leaves here only after the gate has opened, and only if the guess was right.

        Raises:
            as `readable`, and what *read* raises.
        """
        principal = current()
        guess = None
        if self._remembered(identifier, principal.bots) is None and 0 < len(identifier) <= MAX_ID:
            guess = await self._pool.run(self._conversations.guess, identifier, principal.bots)
        if guess is None:
            ref = await self.readable(identifier)
            return ref, await read(ref)
        ahead = asyncio.ensure_future(read(guess))
        try:
            ref = await self.readable(identifier, traces=guess.trace_ids)
            if dataclasses.replace(guess, key=ref.key, is_readable=ref.is_readable) == ref:
                return ref, await ahead
        finally:
            ahead.add_done_callback(_forgotten)
            ahead.cancel()
        return ref, await read(ref)

    async def readable(
        self, identifier: str, *, fresh: bool = False, traces: Collection[TraceId] = ()
    ) -> ConversationRef:
        """Return the conversation, which whoever asks may read.

        *fresh*: look again for traces that came since. *traces*, if given, are those that *identifier* names.

        Raises:
            Unauthenticated, Forbidden: whoever asks may not read it, whatever its state.
            NotFound: there is none of that id, or it is of another bot than those of whoever asks.
            NotReleased: it is going on, or held.
            SampledOut: it was dropped.
            Overloaded: that somebody reads it cannot be put on record.
        """
        principal = current()
        kept = None if fresh else self._remembered(identifier, principal.bots)
        ref = kept or await self._find(identifier, principal.bots, traces)
        principal.demand_content(is_live=ref.is_live)
        if kept is None:
            await self._open(identifier, principal.bots, ref)
        if self._read_log is not None:
            self._read_log.note(principal, ref)
        return ref

    async def again(self, ref: ConversationRef) -> ConversationRef:
        """Return *ref*, which somebody was let see, with the traces that have come since; for nobody in particular.

        Raises:
            NotFound, NotReleased, SampledOut: as `readable`.
        """
        newest = await self._find(ref.trace_ids[0], frozenset())
        await self._open(ref.trace_ids[0], frozenset(), newest)
        return newest

    def _remembered(self, identifier: str, bots: frozenset[str]) -> ConversationRef | None:
        kept = self._known.get((identifier, bots))
        return kept[1] if kept is not None and self._clock.monotonic_s() < kept[0] else None

    async def _open(self, identifier: str, bots: frozenset[str], ref: ConversationRef) -> None:
        """Remember that *ref* may be read, or refuse."""
        if not ref.is_readable:
            raise refusal(await self._row(ref))
        self._known[identifier, bots] = (self._clock.monotonic_s() + _KEPT_S, ref)
        self._known.move_to_end((identifier, bots))
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)

    async def row(self, identifier: str) -> ConversationRow:
        """Return the conversation without its content, whatever its state.

        Raises:
            Unauthenticated, Forbidden: whoever asks may not know of it.
            NotFound: there is none of that id, or it is of another bot than those of whoever asks.
        """
        principal = current()
        ref = await self._find(identifier, principal.bots)
        principal.demand_facts(is_live=ref.is_live)
        return await self._row(ref)

    async def _find(self, identifier: str, bots: frozenset[str], traces: Collection[TraceId] = ()) -> ConversationRef:
        if not identifier or len(identifier) > MAX_ID:
            msg = f"a conversation id has 1 to {MAX_ID} characters; this one has {len(identifier)}"
            raise InvalidRequest(msg)
        ref = await self._pool.run(self._conversations.find, identifier, bots, traces)
        if ref is None:
            msg = f"there is no conversation {identifier!r}: not by conversation id, nor by trace id"
            raise NotFound(msg)
        return ref

    async def _row(self, ref: ConversationRef) -> ConversationRow:
        rows = await self._pool.run(
            self._conversations.rows, ref.trace_ids, [ref.conversation_id], self._clock.now_ns()
        )
        found = next((row for row in rows if row.key == ref.key), None)
        if found is None:
            msg = f"the conversation {ref.conversation_id or ref.key!r} is gone: its retention has ended"
            raise NotFound(msg)
        return found


def _forgotten(ahead: "asyncio.Future[T]") -> None:
    """Look at how it ended, so that nobody says that nobody did."""
    if not ahead.cancelled():
        ahead.exception()


def refusal(row: ConversationRow) -> NotReleased | SampledOut:
    """Return why the content of *row* may not be read."""
    summary = row.summary
    if summary.state == "dropped":
        msg = f"this conversation was sampled out by {row.decided_by!r}; restoring it may bring it back"
        return SampledOut(msg, policy=row.decided_by)
    if summary.state == "ongoing":
        delay = f"the conversation is going on; in {summary.environment!r} its logs become readable after it has ended"
        return NotReleased(delay, available_unix_nano=None)
    msg = f"the conversation is held and becomes readable at {summary.available_unix_nano} (Unix nanoseconds)"
    return NotReleased(msg, available_unix_nano=summary.available_unix_nano)
