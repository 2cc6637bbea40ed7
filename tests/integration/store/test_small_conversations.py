"""A small conversation is read by questions that are cheaper to plan; the answers are those of the general ones."""

import dataclasses
from collections.abc import Sequence

import pytest

from botlogs_collector.model.reading import SMALL_BYTES, SOURCES, Around, ConversationRef, EntryQuery, LoggedAt
from botlogs_collector.store.asking import ask
from botlogs_collector.store.conversations import Conversations
from botlogs_collector.store.entries import Entries
from botlogs_collector.store.nodes import Nodes
from botlogs_collector.store.trace_rows import refs_of
from tests.support.reading import NOW
from tests.support.sender import SECOND, T0, Talk
from tests.support.store import Store, unique

_WHOLE = EntryQuery()
_QUERIES = (
    _WHOLE,
    dataclasses.replace(_WHOLE, with_announced=True),
    dataclasses.replace(_WHOLE, with_announced=True, newest_first=True, limit=3),
    dataclasses.replace(_WHOLE, time_from=T0 + SECOND, time_to=T0 + SECOND, with_announced=True),
    dataclasses.replace(_WHOLE, kinds=("bot.node.enter", "span"), with_announced=True),
    dataclasses.replace(_WHOLE, keys=frozenset({"bot.message.text", "bot.node.outcome"}), max_text=3),
    dataclasses.replace(_WHOLE, keys=frozenset({"bot.node.outcome"}), max_text=3, with_announced=True),
)
_INSTANTS = [T0 + quarter * SECOND // 4 for quarter in range(-1, 30)]


def _told(store: Store) -> ConversationRef:
    """Return a conversation of all sorts, each row of it sent twice, a library's spans among them."""
    talk = Talk(unique())
    talk.log("bot.message.user", "hello ✓", at=1)
    talk.node("ask", start=1, end=3)
    talk.node("wait", start=2, end=None)
    talk.node("again", start=3, end=4)
    talk.log("", "a line", at=3)
    talk.send(store, received_unix_nano=NOW, times=2)
    library = Talk("", scope="library", trace_id=talk.trace_id)
    event = library.span("GET /orders", start=1, end=2).events.add()
    event.name, event.time_unix_nano = "cache miss", T0 + 5 * SECOND // 4
    library.send(store, received_unix_nano=NOW + SECOND, times=2)
    found = Conversations(store.database).find(talk.conversation_id)
    assert found is not None
    assert found.is_small
    return found


def _large(ref: ConversationRef) -> ConversationRef:
    """Return *ref* as it would be if more had been said in it."""
    return dataclasses.replace(ref, bytes=SMALL_BYTES)


@pytest.mark.parametrize("wanted", _QUERIES)
def test_entries_are_the_same(store: Store, wanted: EntryQuery) -> None:
    """Order, doubles, what is cut and what is left out: the same of all three sources."""
    ref, entries = _told(store), Entries(store.database)

    for source in SOURCES:
        small = entries.entries(ref, source, wanted)

        assert small == entries.entries(_large(ref), source, wanted)


def test_node_actions_at_every_instant_are_the_same(store: Store) -> None:
    """Those that were active, the innermost first, and what was logged at it."""
    ref, nodes = _told(store), Nodes(store.database)
    seen = 0

    for at in _INSTANTS:
        small = (nodes.spans_around(ref, at, 100), nodes.events_around(ref, at, 100))
        large = (nodes.spans_around(_large(ref), at, 100), nodes.events_around(_large(ref), at, 100))

        assert [side.actions for side in small] == [side.actions for side in large]
        assert _logged(small) == _logged(large)
        seen += len(small[0].actions) + len(small[1].actions) + len(_logged(small))
    assert seen > len(_INSTANTS)


def _logged(sides: Sequence[Around]) -> set[LoggedAt]:
    return {mark for side in sides for mark in side.logged}


def test_what_traces_are_is_the_same(store: Store) -> None:
    """Rows of one trace that name it and rows that do not come to the same conversation."""
    ref = _told(store)

    rows = refs_of(store.database, ref.trace_ids)

    assert rows == ask(store.database, "conversation_refs", traces=list(ref.trace_ids))
