"""Cursors come back as they were made, and anything else is refused and never crashes."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botlogs_collector.errors import InvalidRequest
from botlogs_collector.model.conversation import ConversationKey, TraceId
from botlogs_collector.model.reading import ConversationRef, EntryPosition
from botlogs_collector.query import cursor, follow_cursor
from botlogs_collector.query.follow_cursor import FollowCursor

_INT64 = st.integers(-(2**63), 2**63 - 1)
_ITEM_IDS = st.from_regex(r"[les][0-9a-f]{16}", fullmatch=True)
_REF = ConversationRef(
    key=ConversationKey("k"),
    conversation_id="c",
    environment="sandbox",
    bot_id="b",
    channel="",
    trace_ids=(TraceId("t"),),
    first_received_unix_nano=0,
    last_received_unix_nano=0,
    end_received_unix_nano=0,
    node_actions=0,
    log_events=0,
    spans=0,
    span_events=0,
    bytes=100,
    is_live=True,
    is_readable=True,
)


@given(time=_INT64, tie=st.text(max_size=50), query=st.text(max_size=50))
def test_a_cursor_comes_back_as_it_was_made(time: int, tie: str, query: str) -> None:
    """Whatever the position and the query."""
    made = cursor.encode(query, (time, tie))

    assert cursor.decode(query, made, (int, str)) == (time, tie)


@given(time=_INT64, query=st.text(max_size=20), other=st.text(max_size=20))
def test_a_cursor_of_another_query_is_refused(time: int, query: str, other: str) -> None:
    """A cursor is tied to the query that it came from."""
    made = cursor.encode(("mine", query), (time,))

    with pytest.raises(InvalidRequest):
        cursor.decode(("yours", other), made, (int,))


@given(text=st.text(max_size=200) | st.binary(max_size=60).map(lambda raw: raw.hex()))
def test_nonsense_is_refused(text: str) -> None:
    """No text crashes a decoder: it is refused."""
    for decode in (lambda: cursor.decode("q", text, (int, str)), lambda: follow_cursor.decode(_REF, text)):
        with pytest.raises(InvalidRequest):
            decode()


@given(
    settled=st.integers(0, 2**62),
    ahead=st.integers(0, 2**60),
    position=st.none() | st.builds(EntryPosition, _INT64, st.integers(0, 99), _ITEM_IDS),
    marks=st.sets(st.from_regex(r"[A-Za-z0-9_-]{6}", fullmatch=True), max_size=50),
)
def test_a_streams_place_comes_back_as_it_was(
    settled: int, ahead: int, position: EntryPosition | None, marks: set[str]
) -> None:
    """A stream's cursor says the same after a journey as an event id."""
    made = FollowCursor(
        settled=settled, target=settled + ahead, position=position, sent=dict.fromkeys(marks, settled + 1)
    )

    found = follow_cursor.decode(_REF, made.encode(_REF))

    assert (found.settled, found.target, found.position) == (made.settled, made.target, made.position)
    assert set(found.sent) == marks


def test_a_streams_place_belongs_to_its_conversation() -> None:
    """An event id of one conversation is refused by another."""
    made = FollowCursor(settled=1, target=1, position=None).encode(_REF)

    with pytest.raises(InvalidRequest):
        follow_cursor.decode(dataclasses.replace(_REF, key=ConversationKey("other")), made)
