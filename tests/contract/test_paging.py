"""The ways and the changes of variables of long conversations come page by page, with their number, over both APIs."""

from collections.abc import Awaitable, Callable

import pytest

from tests.support.api import Api, Json, Refused, items_of
from tests.support.reading import NOW
from tests.support.sender import Talk
from tests.support.store import Store, unique

pytestmark = pytest.mark.anyio


async def _pages(ask: Callable[..., Awaitable[Json]], identifier: str, **narrowed: str | int) -> list[Json]:
    """Return all pages of at most two items."""
    pages = [await ask(identifier, limit=2, **narrowed)]
    while cursor := pages[-1]["next_cursor"]:
        pages.append(await ask(identifier, limit=2, cursor=str(cursor), **narrowed))
    return pages


def _told(store: Store) -> str:
    """Return a conversation of five node actions, one of them running, and of five changes, each sent twice."""
    talk = Talk(unique())
    for number in range(5):
        talk.node(f"node-{number % 2}", start=number // 2, end=None if number == 4 else number + 1)
        name = ("order", "count")[number % 2]
        talk.log("bot.variable.set", at=number // 3, bot__variable__name=name, bot__variable__new=number)
    talk.send(store, received_unix_nano=NOW, times=2)
    return talk.conversation_id


async def test_a_way_comes_in_pages(api: Api, store: Store) -> None:
    """Each node action is on one page, in the order of beginning, with the number of all on every page."""
    identifier = _told(store)

    pages = await _pages(api.path, identifier)
    visits = [visit for page in pages for visit in items_of(page)]

    assert [len(items_of(page)) for page in pages] == [2, 2, 1]
    assert {page["total"] for page in pages} == {5}
    assert len({str(visit["node_action_id"]) for visit in visits}) == 5
    order = [(str(visit["started_unix_nano"]), str(visit["node_action_id"])) for visit in visits]
    assert order == sorted(order)
    assert visits[-1]["ended_unix_nano"] is None


async def test_every_time_that_a_node_ran(api: Api, store: Store) -> None:
    """A way narrowed to a node, or to a flow, has its own number."""
    identifier = _told(store)

    pages = await _pages(api.path, identifier, node="node-0", flow="order")
    none = await api.path(identifier, flow="another")

    assert [len(items_of(page)) for page in pages] == [2, 1]
    assert {page["total"] for page in pages} == {3}
    assert (none["items"], none["total"], none["next_cursor"]) == ([], 0, None)


async def test_changes_of_variables_come_in_pages(api: Api, store: Store) -> None:
    """All of them, or those of one variable, in the order of time, with their number."""
    identifier = _told(store)

    pages = await _pages(api.changes, identifier)
    of_one = await _pages(api.changes, identifier, variable="order")

    assert sorted(_values(pages)) == [0, 1, 2, 3, 4]
    assert [len(items_of(page)) for page in pages] == [2, 2, 1]
    assert {page["total"] for page in pages} == {5}
    assert sorted(_values(of_one)) == [0, 2, 4]
    assert {page["total"] for page in of_one} == {3}


async def test_a_cursor_of_another_question_is_refused(api: Api, store: Store) -> None:
    """Of another node or variable, of the other list, or made up."""
    identifier = _told(store)
    way = str((await api.path(identifier, limit=2))["next_cursor"])
    change = str((await api.changes(identifier, limit=2))["next_cursor"])

    for ask, narrowed in (
        (api.path, {"cursor": change}),
        (api.path, {"cursor": way, "node": "node-0"}),
        (api.path, {"limit": -1}),
        (api.changes, {"cursor": way}),
        (api.changes, {"cursor": change, "variable": "order"}),
        (api.changes, {"limit": 5000}),
    ):
        with pytest.raises(Refused) as refused:
            await ask(identifier, **narrowed)

        assert refused.value.name == "invalid-request"


async def test_what_is_held_has_no_pages(api: Api, store: Store) -> None:
    """Not a node, not a change, not their number."""
    talk = Talk(unique(), environment="production")
    talk.node("ask", start=0, end=1)
    talk.send(store, received_unix_nano=NOW)

    for ask in (api.path, api.changes):
        with pytest.raises(Refused) as refused:
            await ask(talk.conversation_id)

        assert refused.value.name == "not-released"


def _values(pages: list[Json]) -> list[float]:
    return [float(str(change["value"])) for page in pages for change in items_of(page)]
