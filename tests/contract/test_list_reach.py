"""How far back a list looks: as far as the last page of its kind went, and no page changes for it."""

import pytest

from botlogs_collector.access.principal import EVERYBODY, enter, leave
from botlogs_collector.clock import ManualClock
from botlogs_collector.model.conversation import TraceId
from botlogs_collector.model.reading import ConversationFilter, ListPosition
from botlogs_collector.query.access import Access
from botlogs_collector.query.conversations import Conversations
from botlogs_collector.query.pool import StorePool
from botlogs_collector.store.conversations import Conversations as Stored
from tests.support.reading import NOW
from tests.support.sender import SECOND, Talk
from tests.support.store import Store, unique

pytestmark = pytest.mark.anyio
HOUR = 3600 * SECOND


class Counting(Stored):
    """The real reader, which counts how often it was asked for a list."""

    asked = 0

    def candidates(
        self, wanted: ConversationFilter, window: tuple[int, int], before: ListPosition, limit: int
    ) -> list[tuple[tuple[TraceId, ...], str, ListPosition]]:
        """As of the real one."""
        self.asked += 1
        return super().candidates(wanted, window, before, limit)


async def test_a_list_looks_at_once_where_its_last_page_ended(store: Store, pool: StorePool) -> None:
    """The first page of a kind is sought in small windows; the next asks once, and shows the same conversations."""
    bot, clock, reader = unique("bot"), ManualClock(NOW), Counting(store.database)
    for number in range(4):
        talk = Talk(unique(), bot=bot)
        talk.log("bot.message.user", "hello", at=0)
        talk.send(store, received_unix_nano=NOW - 5 * HOUR - number * SECOND)
    listed = Conversations(reader, Access(reader, pool, clock), pool, clock)
    enter(EVERYBODY)

    first = await listed.page(ConversationFilter(bot=bot), limit=2)
    at_first, reader.asked = reader.asked, 0
    again = await listed.page(ConversationFilter(bot=bot), limit=2)
    at_once, reader.asked = reader.asked, 0
    rest = await listed.page(ConversationFilter(bot=bot), limit=2, cursor=again.next_cursor)
    leave()

    assert (at_first, at_once) == (2, 1)
    assert again == first
    assert len({item.id for item in (*first.items, *rest.items)}) == 4
