"""Content is asked for while the gate is asked: no wrong guess shows, and nothing leaves before the gate has opened."""

import asyncio
from collections.abc import Iterator

import pytest

from botlogs_collector.access.principal import EVERYBODY, enter, leave
from botlogs_collector.clock import ManualClock
from botlogs_collector.errors import NotReleased
from botlogs_collector.model.reading import ConversationRef
from botlogs_collector.query.access import Access
from botlogs_collector.query.pool import StorePool
from botlogs_collector.store.conversations import Conversations
from tests.support.api import Api, titles_of
from tests.support.reading import NOW
from tests.support.sender import SECOND, Talk
from tests.support.store import Store, unique

pytestmark = pytest.mark.anyio
DAY = 86_400 * SECOND


@pytest.fixture
def access(store: Store, pool: StorePool, clock: ManualClock) -> Iterator[Access]:
    """The gate, with nobody's door before it."""
    enter(EVERYBODY)
    yield Access(Conversations(store.database), pool, clock)
    leave()


async def test_rows_that_do_not_name_their_conversation_are_shown_with_it(api: Api, store: Store) -> None:
    """A library's line in the same trace, received days before, is no part of the guess and part of the answer."""
    talk = Talk(unique())
    library = Talk("", scope="library", trace_id=talk.trace_id)
    library.log("", "connected", at=0)
    library.send(store, received_unix_nano=NOW - 3 * DAY)
    talk.log("bot.message.user", "hello", at=1)
    talk.send(store, received_unix_nano=NOW)

    page = await api.timeline(talk.conversation_id)

    assert titles_of(page) == ["connected", "User: hello"]


async def test_a_right_guess_is_read_once_and_a_wrong_one_again(access: Access, store: Store) -> None:
    """What is handed out was read of the conversation as the gate knows it."""
    right, wrong = Talk(unique()), Talk(unique())
    for talk in (right, wrong):
        talk.log("bot.message.user", "hello", at=1)
        talk.send(store, received_unix_nano=NOW)
    other = Talk("", scope="library", trace_id=wrong.trace_id)
    other.log("", "connected", at=0)
    other.send(store, received_unix_nano=NOW)
    reads: list[ConversationRef] = []

    async def read(ref: ConversationRef) -> int:
        reads.append(ref)
        return ref.log_events

    seen_right = await access.reading(right.conversation_id, read)
    asked_right, reads[:] = len(reads), []
    seen_wrong = await access.reading(wrong.conversation_id, read)

    assert (asked_right, seen_right[1]) == (1, 1)
    assert (len(reads), seen_wrong[1]) == (2, 2)


async def test_what_was_read_ahead_does_not_leave_a_closed_gate(access: Access, store: Store) -> None:
    """The refusal does not wait for the content either, and an error in reading it does not stand in its place."""
    talk = Talk(unique(), environment="production")
    talk.log("bot.message.user", "hello", at=1)
    talk.send(store, received_unix_nano=NOW)
    never = asyncio.Event()

    async def reads_on(_ref: ConversationRef) -> str:
        await never.wait()
        return "content"

    async def fails(_ref: ConversationRef) -> str:
        raise ValueError("content")

    for read in (reads_on, fails):
        with pytest.raises(NotReleased):
            await access.reading(talk.conversation_id, read)
