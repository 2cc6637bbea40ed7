"""Conversations, logs, nodes and flows: what readers ask, over both ways."""

import asyncio

import httpx
import pytest

from botlogs_collector.query.service import QueryService
from tests.support.api import Api, HttpApi, Json, Refused, items_of
from tests.support.reading import NOW
from tests.support.sender import SECOND, T0, Talk
from tests.support.store import Store, unique

pytestmark = pytest.mark.anyio


def _told(store: Store, bot: str, number: int, channel: str = "web") -> Talk:
    talk = Talk(unique(), bot=bot, bot__channel=channel)
    talk.log("bot.message.user", f"line {number}", at=number)
    talk.send(store, received_unix_nano=NOW + number * SECOND)
    return talk


async def test_the_list_is_newest_first_and_pages_join(api: Api, store: Store) -> None:
    """The latest activity comes first; pages give each conversation once."""
    bot = unique("bot")
    talks = [_told(store, bot, number) for number in range(5)]

    page = await api.conversations(bot=bot, limit=2)
    found = items_of(page)
    while page["next_cursor"] is not None:
        page = await api.conversations(bot=bot, limit=2, cursor=str(page["next_cursor"]))
        found += items_of(page)

    assert [item["id"] for item in found] == [talk.conversation_id for talk in reversed(talks)]


async def test_filters_narrow(api: Api, store: Store) -> None:
    """Channel, errors, state, environment, text and node each leave what they say."""
    bot = unique("bot")
    web = _told(store, bot, 1)
    failed = Talk(unique(), bot=bot, bot__channel="voice")
    failed.log("bot.error", "kumquat broke", at=1, severity=17)
    failed.node("pay", start=1, end=2)
    failed.send(store, received_unix_nano=NOW)

    async def found(**narrowed: str | int | bool) -> set[object]:
        return {item["id"] for item in items_of(await api.conversations(bot=bot, **narrowed))}

    assert await found(channel="web") == {web.conversation_id}
    assert (
        await found(has_error=True) == await found(q="KUMQUAT") == await found(node="pay") == {failed.conversation_id}
    )
    assert await found(has_error=False) == {web.conversation_id}
    assert await found(state="live", environment="sandbox") == {web.conversation_id, failed.conversation_id}
    assert await found(state="held") == await found(environment="staging") == set()
    assert await found(from_=T0 + 5 * SECOND) == await found(to=T0 - SECOND) == set()


async def test_turns_of_one_conversation_in_many_traces_are_one(api: Api, store: Store) -> None:
    """A program with a trace a turn has one conversation, by its id and by any of its traces."""
    first = Talk(unique(), scope="shop")
    second = Talk(first.conversation_id, scope="shop")
    for number, talk in enumerate((first, second)):
        talk.span("turn", start=number, end=number + 1)
        talk.send(store, received_unix_nano=NOW + number)

    by_id, by_trace = await api.timeline(first.conversation_id), await api.timeline(second.trace)

    assert items_of(by_id) == items_of(by_trace)
    assert len(items_of(by_id)) == 2
    assert (await api.conversation(first.trace))["spans"] == 2


@pytest.mark.parametrize("identifier", ["nobody", "0" * 32, "/", "a b/c?d#e%", "' OR 1=1 --", "é\u202e"])
async def test_unknown_ids_are_not_found(api: Api, store: Store, identifier: str) -> None:
    """An id that nobody has gets 404, whatever it looks like."""
    with pytest.raises(Refused) as refused:
        await api.conversation(identifier)

    assert refused.value.name == "not-found"


async def test_logs_have_their_types(api: Api, store: Store) -> None:
    """Attributes come with the types they were sent with, nested ones as trees."""
    talk = Talk(unique())
    tree: Json = {"list": [1, {"deep": None}]}
    talk.log("bot.log", {"body": ["is", 1]}, at=1, flag=True, number=7, share=0.5, tree=tree, text="7", none=None)
    talk.send(store, received_unix_nano=NOW)

    log = items_of(await api.logs(talk.conversation_id, at=T0 + SECOND))[0]

    assert log["body"] == {"body": ["is", 1]}
    attributes = log["attributes"]
    assert isinstance(attributes, dict)
    assert (attributes["flag"], attributes["number"], attributes["share"]) == (True, 7, 0.5)
    assert (attributes["tree"], attributes["text"], attributes["none"]) == (tree, "7", None)


async def test_nothing_at_a_timestamp_names_the_nearest(api: Api, store: Store) -> None:
    """A timestamp that matches nothing is told the one that does."""
    talk = Talk(unique())
    talk.log("bot.log", "a", at=1)
    talk.log("bot.log", "b", at=5)
    talk.send(store, received_unix_nano=NOW)

    with pytest.raises(Refused, match=str(T0 + 5 * SECOND)):
        await api.logs(talk.conversation_id, at=T0 + 4 * SECOND)


async def test_logs_of_a_node_and_with_a_text(api: Api, store: Store) -> None:
    """Log events narrow by node action, by event name and by text."""
    talk = Talk(unique())
    one, two = talk.node("one", start=1, end=2), talk.node("two", start=3, end=4)
    talk.log("bot.api", at=3.5, span=two, bot__node__id="two", bot__api__response="persimmon")
    talk.send(store, received_unix_nano=NOW)

    async def kinds(**narrowed: str) -> list[object]:
        return [log["event_name"] for log in items_of(await api.logs(talk.conversation_id, **narrowed))]

    assert await kinds(node_action_id=one.hex()) == ["bot.node.enter", "bot.node.exit"]
    assert await kinds(node_action_id=two.hex()) == ["bot.node.enter", "bot.api", "bot.node.exit"]
    assert await kinds(q="Persimmon") == await kinds(event_name="bot.api") == ["bot.api"]


async def test_the_innermost_node_was_active(api: Api, store: Store) -> None:
    """At an instant the innermost node counts; one that runs has no end; the link is filled in."""
    talk = Talk(unique())
    talk.node("outer", start=1, end=9)
    inner = talk.node("inner", start=2, end=4)
    talk.node("runs", start=10, end=None)
    talk.send(store, received_unix_nano=NOW)

    found = await api.node(talk.conversation_id, T0 + 3 * SECOND)
    running = await api.node(talk.conversation_id, T0 + 60 * SECOND)

    assert (found["node_id"], found["span_id"], found["ended_unix_nano"]) == (
        "inner",
        inner.hex(),
        str(T0 + 4 * SECOND),
    )
    assert found["builder_url"] == "https://builder.example/support/order/v1?node=inner"
    assert (running["node_id"], running["status"], running["ended_unix_nano"]) == ("runs", "Running", None)
    with pytest.raises(Refused, match="the nearest is"):
        await api.node(talk.conversation_id, T0)


async def test_of_two_nodes_the_one_that_logged_counts(api: Api, store: Store) -> None:
    """Where nodes run side by side, the timestamp of a log event leads to the node that wrote it."""
    talk = Talk(unique())
    left, right = talk.node("left", start=1, end=9), talk.node("right", start=2, end=9)
    talk.log("bot.log", "from the left", at=5, span=left, bot__node__id="left")
    talk.send(store, received_unix_nano=NOW)

    assert (await api.node(talk.conversation_id, T0 + 5 * SECOND))["span_id"] == left.hex()
    assert (await api.node(talk.conversation_id, T0 + 6 * SECOND))["span_id"] == right.hex()


async def test_a_flow_has_its_graph_and_its_use(api: Api, store: Store) -> None:
    """A flow comes in its newest version with visits, errors, drop-off and transitions; dangling edges are told."""
    flow = unique("flow")
    talk = Talk(unique())
    graph = (
        '{"name": "Order", "nodes": [{"id": "ask", "name": "Ask"}, {"id": "tell"}],'
        ' "edges": [{"from": "ask", "to": "tell"}, {"from": "tell", "to": "ask"}, {"from": "tell", "to": "gone"}]}'
    )
    talk.log("bot.flow.definition", graph, at=0, bot__flow__id=flow, bot__flow__version="v1")
    talk.node("ask", start=1, end=2, bot__flow__id=flow)
    talk.node("tell", start=3, end=4, bot__flow__id=flow)
    talk.send(store, received_unix_nano=NOW, times=2)

    found = await api.flow(flow, from_=T0 - SECOND, to=T0 + 60 * SECOND)

    observed = found["observed"]
    assert isinstance(observed, dict)
    assert (found["name"], found["flow_version"], found["is_newest"]) == ("Order", "v1", True)
    assert found["faults"] == ["the edge 'tell' to 'gone' leads to no node: 'gone'"]
    assert {(use["node_id"], use["visits"], use["drop_off"]) for use in observed["nodes"]} == {
        ("ask", 1, 0),
        ("tell", 1, 1),
    }
    assert [(t["from"], t["to"], t["count"], t["declared"]) for t in observed["transitions"]] == [
        ("ask", "tell", 1, True)
    ]
    with pytest.raises(Refused, match="known are v1"):
        await api.flow(flow, version="v0", from_=1, to=2)


async def test_a_stream_gives_all_then_news_and_resumes(api: Api, store: Store) -> None:
    """A stream gives what there is and what comes, once each; from any event's id it goes on behind it."""
    talk = Talk(unique())
    for number in range(3):
        talk.log("bot.log", f"old {number}", at=number)
    talk.send(store, received_unix_nano=NOW - 100 * SECOND)
    talk.log("bot.log", "recent", at=4)
    talk.send(store, received_unix_nano=NOW - SECOND, times=2)
    stream = api.stream(talk.conversation_id)
    seen = [await anext(stream) for _ in range(4)]

    talk.log("bot.log", "news", at=5)
    talk.send(store, received_unix_nano=NOW)
    seen.append(await anext(stream))
    await stream.aclose()

    titles = ["old 0", "old 1", "old 2", "recent", "news"]
    assert [item["title"] for item, _ in seen] == titles
    for number, (_, event_id) in enumerate(seen[:-1]):
        again = api.stream(talk.conversation_id, event_id)
        assert [(await anext(again))[0]["title"] for _ in titles[number + 1 :]] == titles[number + 1 :]
        await again.aclose()


async def test_a_page_and_a_stream_join(api: Api, store: Store) -> None:
    """From a page's stream_id the stream gives at least all that came after the page."""
    talk = Talk(unique())
    talk.log("bot.log", "paged", at=1)
    talk.send(store, received_unix_nano=NOW - 100 * SECOND)
    page = await api.timeline(talk.conversation_id)
    talk.log("bot.log", "streamed", at=2)
    talk.send(store, received_unix_nano=NOW)

    stream = api.stream(talk.conversation_id, str(page["stream_id"]))
    item, _ = await anext(stream)
    await stream.aclose()

    assert item["title"] == "streamed"


async def test_a_foreign_event_id_is_refused(api: Api, store: Store) -> None:
    """A Last-Event-ID of another conversation, or of nowhere, is refused."""
    one, other = (_told(store, unique("bot"), number) for number in range(2))
    page = await api.timeline(one.conversation_id)

    for foreign in (str(page["stream_id"]), "nonsense"):
        with pytest.raises(Refused, match="Last-Event-ID"):
            await anext(api.stream(other.conversation_id, foreign))


@pytest.mark.timeout(300)
async def test_a_hundred_viewers_see_everything_once(http: HttpApi, store: Store, service: QueryService) -> None:
    """Each of many streams of a conversation gives all there is and all that comes, once, in any order."""
    talk = Talk(unique())
    for number in range(20):
        talk.log("bot.log", f"old {number}", at=number)
    talk.send(store, received_unix_nano=NOW - 100 * SECOND, times=2)
    titles = [f"old {number}" for number in range(20)]
    address = str(http.client.base_url)
    async with httpx.AsyncClient(base_url=address, limits=httpx.Limits(max_connections=None), timeout=120) as client:
        viewers = [HttpApi(client).stream(talk.conversation_id) for _ in range(100)]
        seen = [[item["title"]] for item, _ in await asyncio.gather(*(anext(viewer) for viewer in viewers))]

        for number in range(10):
            talk.log("bot.log", f"new {number}", at=100 + number)
            talk.send(store, received_unix_nano=NOW - number * SECOND // 10)  # the later ones are stamped earlier
            service.on_commit("logs")
        titles += [f"new {number}" for number in range(10)]
        async with asyncio.timeout(120):
            for viewer, told in zip(viewers, seen, strict=True):
                told += [(await anext(viewer))[0]["title"] for _ in titles[1:]]
        talk.log("bot.log", "last", at=200)
        talk.send(store, received_unix_nano=NOW)
        service.on_commit("logs")
        last = await asyncio.gather(*(anext(viewer) for viewer in viewers))
        for viewer in viewers:
            await viewer.aclose()

    assert all(sorted(map(str, told)) == sorted(titles) for told in seen)
    assert {item["title"] for item, _ in last} == {"last"}
