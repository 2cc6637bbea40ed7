"""The conversation list, newest first, and one conversation with its receipt."""

import dataclasses
from collections import OrderedDict
from collections.abc import Iterator
from typing import Final

from botlogs_collector.access.principal import current
from botlogs_collector.clock import Clock
from botlogs_collector.errors import InvalidRequest
from botlogs_collector.model.reading import (
    ConversationFilter,
    ConversationRow,
    ConversationSummary,
    ListPosition,
    ReceiptShown,
    VoteShown,
)
from botlogs_collector.model.receipt import Receipt
from botlogs_collector.ports import ConversationReader
from botlogs_collector.query import cursor as cursors
from botlogs_collector.query.access import Access
from botlogs_collector.query.page import Page, checked_limit
from botlogs_collector.query.pool import StorePool

_HOUR: Final = 3600 * 10**9
_DAY: Final = 24 * _HOUR
# How far back to look, a little at first: most pages are full after the first windows.
_WINDOWS: Final = (_HOUR, _DAY, 8 * _DAY, 60 * _DAY)
_SKEW: Final = _DAY  # senders' clocks against ours, for `from` and `to`
_LONGEST: Final = 2 * _DAY  # a conversation that began before `to` has ended by then
_BUDGET_S: Final = 5.0  # then the page is as full as it is, with a cursor to go on
_MAX_TEXT: Final = 200
_BATCH: Final = 200
_REMEMBERED: Final = 1000


class Conversations:
    """Lists conversations and tells about one; content-free."""

    def __init__(self, reader: ConversationReader, access: Access, pool: StorePool, clock: Clock) -> None:
        self._reader = reader
        self._access = access
        self._pool = pool
        self._clock = clock
        self._reach: OrderedDict[object, int] = OrderedDict()  # how far back pages of a kind went, last time

    async def page(
        self, wanted: ConversationFilter, limit: int | None = None, cursor: str | None = None
    ) -> Page[ConversationSummary]:
        """Return one page of the conversations that match, the latest activity first.

        A search that takes too long returns what it found, with a cursor that goes on from there.

        Raises:
            Unauthenticated, Forbidden: whoever asks may not list anything.
            InvalidRequest: a filter or the cursor is malformed.
        """
        limit = checked_limit(limit, default=50, highest=200)
        _check(wanted)
        wanted = _seen(wanted)
        start = None if cursor is None else _position(wanted, cursor)
        deadline = self._clock.monotonic_s() + _BUDGET_S
        search = _Search(wanted, start, self._clock.now_ns(), self._reach.get(_scope(wanted), 0))
        found: dict[str, ConversationRow] = {}
        scanned: ListPosition | None = None
        for window in search.windows():
            before = search.top
            while len(found) <= limit:
                batch = limit + 1 if search.is_plain else max(_BATCH, limit + 1)
                candidates = await self._pool.run(self._reader.candidates, wanted, window, before, batch)
                if candidates:
                    traces = [trace for each in candidates for trace in each[0]]
                    names = [each[1] for each in candidates]
                    rows = await self._pool.run(self._reader.rows, traces, names, search.now_ns)
                    found.update({row.key: row for row in rows if search.matches(row)})
                    scanned = before = candidates[-1][2]
                if len(candidates) < batch:
                    break
                if self._clock.monotonic_s() > deadline:
                    break
            if len(found) > limit:
                break
            if self._clock.monotonic_s() > deadline:
                scanned = min(scanned or ListPosition(window[0], ""), ListPosition(window[0], ""))
                return _partial(wanted, found, limit, scanned)
        ordered = sorted(found.values(), key=lambda row: row.position, reverse=True)
        more = len(ordered) > limit
        ordered = ordered[:limit]
        self._remember(wanted, search.reach_ns(ordered[-1].position if more else None))
        next_cursor = cursors.encode(_key(wanted), tuple(ordered[-1].position)) if more else None
        return Page(items=[row.summary for row in ordered], next_cursor=next_cursor)

    def _remember(self, wanted: ConversationFilter, reach_ns: int) -> None:
        scope = _scope(wanted)
        self._reach[scope] = reach_ns
        self._reach.move_to_end(scope)
        while len(self._reach) > _REMEMBERED:
            self._reach.popitem(last=False)

    async def get(self, identifier: str) -> dict[str, object]:
        """Return the summary of one conversation, and its receipt under `receipt`.

        Raises:
            NotFound: there is none of that id.
        """
        row = await self._access.row(identifier)
        receipt = await self._pool.run(self._reader.newest_receipt, row.key)
        return {**dataclasses.asdict(row.summary), "receipt": _receipt(row, receipt)}


class _Search:
    """Where to look, and what to take."""

    def __init__(self, wanted: ConversationFilter, start: ListPosition | None, now_ns: int, reach_ns: int) -> None:
        """Look at once as far back as *reach_ns*, where a page ended before; 0: a little at first."""
        self._wanted = wanted
        self._begin_ns = reach_ns
        self._start = start
        self.now_ns = now_ns
        newest = now_ns + _DAY
        if wanted.to_unix_nano is not None:
            newest = min(newest, wanted.to_unix_nano + _LONGEST)
        self.top = start or ListPosition(max(newest, 0), "\U0010ffff")
        self._anchor_ns = min(self.top.last_received_unix_nano, now_ns)
        self._oldest = max(0, (wanted.from_unix_nano or 0) - _SKEW)
        self.is_plain = not wanted.needs_content and wanted.state in (None, "live")

    def reach_ns(self, last: ListPosition | None) -> int:
        """Return how far back the page that ends with *last* goes; None: not even all of it filled a page."""
        return _WINDOWS[-1] if last is None else self._anchor_ns - last.last_received_unix_nano

    def windows(self) -> Iterator[tuple[int, int]]:
        """Yield windows of arrival, newest first, without gaps."""
        upper = self.top.last_received_unix_nano
        widths = [width for width in _WINDOWS if width >= self._begin_ns]
        for width in (*(widths or _WINDOWS[-1:]), self._anchor_ns):
            lower = max(self._anchor_ns - width, self._oldest)
            if lower > upper:
                continue
            yield lower, upper
            upper = lower - 1
            if upper < self._oldest:
                return

    def matches(self, row: ConversationRow) -> bool:
        """Whether *row*, read whole, belongs on this page or a later one."""
        wanted, summary = self._wanted, row.summary
        if self._start is not None and row.position >= self._start:
            return False  # it was on an earlier page, or has moved there
        if wanted.needs_content and not row.is_readable:
            return False
        return (
            wanted.state in (None, summary.state)
            and wanted.environment in ("", summary.environment)
            and wanted.bot in ("", summary.bot_id)
            and (not wanted.bots or summary.bot_id in wanted.bots)
            and wanted.live in (None, summary.state == "live")
            and wanted.channel in ("", summary.channel)
            and (wanted.has_error is None or wanted.has_error == (summary.errors > 0))
            and (wanted.from_unix_nano is None or summary.last_activity_unix_nano >= wanted.from_unix_nano)
            and (wanted.to_unix_nano is None or summary.started_unix_nano <= wanted.to_unix_nano)
        )


def _partial(
    wanted: ConversationFilter, found: dict[str, ConversationRow], limit: int, scanned: ListPosition
) -> Page[ConversationSummary]:
    ordered = sorted(found.values(), key=lambda row: row.position, reverse=True)
    position = ordered[limit - 1].position if len(ordered) > limit else scanned
    return Page(
        items=[row.summary for row in ordered[:limit]], next_cursor=cursors.encode(_key(wanted), tuple(position))
    )


def _seen(wanted: ConversationFilter) -> ConversationFilter:
    """Return *wanted* narrowed to what whoever asks may know of."""
    principal = current()
    principal.demand("list")
    return dataclasses.replace(
        wanted,
        bots=tuple(sorted(principal.bots)),
        live=principal.sees_live,
        in_content=principal.searches_content,
    )


def _check(wanted: ConversationFilter) -> None:
    for field in dataclasses.fields(wanted):
        value = getattr(wanted, field.name)
        if isinstance(value, str) and len(value) > _MAX_TEXT:
            msg = f"{field.name} has {len(value)} characters; at most {_MAX_TEXT} are searched for"
            raise InvalidRequest(msg)
    if None not in (wanted.from_unix_nano, wanted.to_unix_nano) and (wanted.from_unix_nano or 0) > (
        wanted.to_unix_nano or 0
    ):
        msg = "`from` lies after `to`"
        raise InvalidRequest(msg)


def _key(wanted: ConversationFilter) -> object:
    return ("conversations", wanted)


def _scope(wanted: ConversationFilter) -> ConversationFilter:
    """Return what decides how dense the conversations of a search are."""
    return dataclasses.replace(wanted, from_unix_nano=None, to_unix_nano=None)


def _position(wanted: ConversationFilter, cursor: str) -> ListPosition:
    time, tie = cursors.decode(_key(wanted), cursor, (int, str))
    return ListPosition(int(time), str(tie))


def _receipt(row: ConversationRow, receipt: Receipt | None) -> ReceiptShown:
    """Return the newest receipt, or what can be said before there is one."""
    summary = row.summary
    if receipt is None:
        return ReceiptShown(
            episode=1,
            started_unix_nano=summary.started_unix_nano,
            ended_unix_nano=summary.ended_unix_nano,
            end_rule=summary.end_rule,
            available_unix_nano=summary.available_unix_nano,
            spans=summary.spans,
            log_events=summary.log_events,
            errors=summary.errors,
            bytes=row.bytes,
            environment_given=summary.environment_given,
        )
    decision = receipt.decision
    return ReceiptShown(
        episode=receipt.episode,
        started_unix_nano=receipt.started_unix_nano,
        ended_unix_nano=receipt.ended_unix_nano,
        end_rule=receipt.end_rule,
        available_unix_nano=receipt.available_unix_nano,
        released_unix_nano=receipt.released_unix_nano or None,
        decision=decision.outcome,
        decided_by=decision.decided_by,
        votes=tuple(VoteShown(policy=vote.policy, vote=vote.vote, because=vote.because) for vote in decision.votes),
        policies_hash=decision.policies_hash,
        weight=decision.weight,
        spans=receipt.spans,
        log_events=receipt.log_events,
        errors=receipt.errors,
        bytes=receipt.bytes,
        complete=receipt.complete,
        environment_given=receipt.environment_given,
    )
