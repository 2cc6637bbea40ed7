"""The timeline: what happened, in the senders' time order, each thing once."""

import pytest

from tests.support.api import Api, Refused, items_of, titles_of
from tests.support.reading import NOW
from tests.support.sender import SECOND, T0, Talk
from tests.support.store import Store, unique

pytestmark = pytest.mark.anyio


async def test_everything_comes_in_time_order_with_titles(api: Api, store: Store) -> None:
    """Log events come in the senders' time order, each with a title, its kind and its node."""
    talk = Talk(unique())
    talk.log("bot.message.user", "where is my order?", at=1)
    talk.log("bot.conversation.start", at=0)
    span = talk.node("ask", start=2, end=4)
    talk.log("bot.nlu", at=3, span=span, bot__node__id="ask", bot__nlu__intent="order", bot__nlu__confidence=0.9)
    talk.send(store, received_unix_nano=NOW)

    page = await api.timeline(talk.conversation_id)

    assert titles_of(page) == [
        "Conversation started",
        "User: where is my order?",
        "Entered Ask",
        "Understood order (confidence 0.9)",
        "Left Ask: completed",
    ]
    assert [item["node_action_id"] for item in items_of(page)] == [None, None, span.hex(), span.hex(), span.hex()]
    assert items_of(page)[3]["time_unix_nano"] == str(T0 + 3 * SECOND)
    assert page["next_cursor"] is None


async def test_what_was_sent_three_times_is_shown_once(api: Api, store: Store) -> None:
    """A request that a sender repeats is one request, in the timeline and in the counts."""
    talk = Talk(unique(), scope="shop")
    talk.log("bot.log", "once", at=1)
    talk.span("checkout", start=2, end=3).events.add(time_unix_nano=T0 + 2 * SECOND + 5, name="paid")
    talk.send(store, received_unix_nano=NOW, times=3)

    page = await api.timeline(talk.conversation_id)
    conversation = await api.conversation(talk.conversation_id)

    assert titles_of(page) == ["once", "checkout", "paid"]
    assert (conversation["spans"], conversation["log_events"]) == (1, 2)


async def test_pages_join_without_gap_or_double(api: Api, store: Store) -> None:
    """Pages of any size give the same items as one page, at equal timestamps too."""
    talk = Talk(unique())
    for number in range(23):
        talk.log("bot.log", f"line {number}", at=number // 6)
    talk.send(store, received_unix_nano=NOW)

    whole = items_of(await api.timeline(talk.conversation_id))
    page = await api.timeline(talk.conversation_id, limit=4)
    paged = items_of(page)
    while page["next_cursor"] is not None:
        page = await api.timeline(talk.conversation_id, limit=4, after=str(page["next_cursor"]))
        paged += items_of(page)

    assert len(whole) == 23
    assert paged == whole


def mixed(conversation_id: str) -> Talk:
    """Return a conversation with log events, spans and span events at the same few instants."""
    talk = Talk(conversation_id, scope="shop")
    for number in range(14):
        talk.log("bot.log" if number % 3 else "bot.message.user", f"line {number}", at=number // 5)
        span = talk.span(f"span {number}", start=number // 5, end=9)
        span.events.add(time_unix_nano=T0 + (number // 4) * SECOND, name="retried")
    talk.node("ask", start=1, end=2)
    return talk


@pytest.mark.parametrize("limit", [3, 50])
async def test_pages_back_from_the_end_join_without_gap_or_double(api: Api, store: Store, limit: int) -> None:
    """From the last page back to the first, at any size, come the same items as from the beginning on."""
    talk = mixed(unique())
    talk.send(store, received_unix_nano=NOW)

    whole = items_of(await api.timeline(talk.conversation_id))
    page = await api.timeline(talk.conversation_id, limit=limit, before="end")
    paged = items_of(page)
    while page["previous_cursor"] is not None:
        page = await api.timeline(talk.conversation_id, limit=limit, before=str(page["previous_cursor"]))
        assert page["next_cursor"] is None
        paged = items_of(page) + paged

    assert len(whole) == 44
    assert paged == whole


@pytest.mark.parametrize("seconds", [0, 1.5, 99])
async def test_a_page_from_an_instant_leads_both_ways(api: Api, store: Store, seconds: float) -> None:
    """A page from an instant on begins with the first item at or after it, and leads on and back."""
    talk = mixed(unique())
    talk.send(store, received_unix_nano=NOW)
    at = T0 + int(seconds * SECOND)

    whole = items_of(await api.timeline(talk.conversation_id))
    page = await api.timeline(talk.conversation_id, at=at, limit=3)
    before = await api.timeline(talk.conversation_id, before=str(page["previous_cursor"]))
    after = items_of(page)
    while page["next_cursor"] is not None:
        page = await api.timeline(talk.conversation_id, after=str(page["next_cursor"]), limit=30)
        after += items_of(page)

    assert after == [item for item in whole if int(str(item["time_unix_nano"])) >= at]
    assert items_of(before) + after == whole


async def test_a_page_begins_at_one_place(api: Api, store: Store) -> None:
    """Two places to begin at are refused, and the message says to give one."""
    talk = Talk(unique())
    talk.log("bot.log", "1", at=1)
    talk.send(store, received_unix_nano=NOW)

    with pytest.raises(Refused, match="one place"):
        await api.timeline(talk.conversation_id, before="end", at=T0)


async def test_a_plain_program_reads_well(api: Api, store: Store) -> None:
    """Spans, span events and logs of a program without the plugin, by trace id alone."""
    talk = Talk("", scope="shop")
    root = talk.span("POST /chat", start=0, end=5)
    child = talk.span("SELECT orders", start=1, end=2, parent=root.span_id, error="no such table")
    child.events.add(time_unix_nano=T0 + SECOND + 1, name="exception")
    talk.log("", "plain line", at=3, span=root.span_id, severity=13)
    talk.send(store, received_unix_nano=NOW)

    page = await api.timeline(talk.trace)

    assert [(item["kind"], item["title"], item["severity"]) for item in items_of(page)] == [
        ("span", "POST /chat", "INFO"),
        ("span", "SELECT orders failed: no such table", "ERROR"),
        ("exception", "Exception", "ERROR"),
        ("log", "plain line", "WARN"),
    ]
    assert items_of(page)[3]["node_action_id"] == root.span_id.hex()


async def test_an_announced_span_is_not_shown_twice(api: Api, store: Store) -> None:
    """A node with an enter event has no item for its span; one whose logs were lost has."""
    talk = Talk(unique())
    talk.node("ask", start=1, end=2)
    talk.span("Api", start=3, end=4, bot__node__id="api", bot__node__name="Api")
    talk.send(store, received_unix_nano=NOW)

    page = await api.timeline(talk.conversation_id)

    assert [(item["kind"], item["node_id"]) for item in items_of(page)] == [
        ("bot.node.enter", "ask"),
        ("bot.node.exit", "ask"),
        ("span", "api"),
    ]


async def test_a_node_without_an_end_is_running(api: Api, store: Store) -> None:
    """Entered and not left means running, as long as the conversation goes on."""
    talk = Talk(unique())
    talk.node("ask", start=1, end=2)
    talk.node("wait", start=3, end=None)
    talk.send(store, received_unix_nano=NOW)

    page = await api.timeline(talk.conversation_id)

    assert [item["node_id"] for item in items_of(page) if item["running"]] == ["wait"]


async def test_nothing_runs_after_the_end(api: Api, store: Store) -> None:
    """A node that was never left does not run any more once the conversation has ended."""
    talk = Talk(unique())
    talk.node("wait", start=3, end=None)
    talk.log("bot.conversation.end", at=4)
    talk.send(store, received_unix_nano=NOW)

    page = await api.timeline(talk.conversation_id)

    assert not any(item["running"] for item in items_of(page))


async def test_a_line_of_a_library_belongs_to_the_node_around_it(api: Api, store: Store) -> None:
    """What is logged in a span below a node's carries the node, though its own span is no node."""
    talk = Talk(unique(), scope="library")
    node = talk.node("api", start=1, end=5)
    client = talk.span("GET", start=2, end=3, parent=node, http__request__method="GET")
    talk.log("", "connected", at=2.5, span=client.span_id)
    talk.send(store, received_unix_nano=NOW)

    page = await api.timeline(talk.conversation_id)

    line = next(item for item in items_of(page) if item["title"] == "connected")
    assert (line["node_id"], line["node_action_id"], line["span_id"]) == ("api", node.hex(), client.span_id.hex())


@pytest.mark.parametrize("text", ["<img src=x onerror=alert(1)>", "\x1b[31mred\u202etxet", "a\nb\tc", "čaj 😀"])
async def test_hostile_text_is_only_text(api: Api, store: Store, text: str) -> None:
    """Markup, escapes and line breaks come as they are in bodies, and as one line without controls in titles."""
    talk = Talk(unique())
    talk.log("bot.message.user", text, at=1)
    talk.send(store, received_unix_nano=NOW)

    item = items_of(await api.timeline(talk.conversation_id))[0]
    log = items_of(await api.logs(talk.conversation_id, at=T0 + SECOND))[0]

    assert log["body"] == text
    assert not any(ord(character) < 32 for character in str(item["title"]))


@pytest.mark.parametrize("cursor", ["nonsense", "e30", "W10", "x" * 5000, "WyJmNTg0ZTliMzQyOTkiLDEsMiwieCJd", "é"])
async def test_a_foreign_cursor_is_refused(api: Api, store: Store, cursor: str) -> None:
    """A cursor that is not this query's is refused, whatever it is."""
    talk = Talk(unique())
    talk.log("bot.log", "x", at=1)
    talk.send(store, received_unix_nano=NOW)

    with pytest.raises(Refused, match="cursor") as refused:
        await api.timeline(talk.conversation_id, after=cursor)

    assert refused.value.name == "invalid-request"


async def test_a_cursor_of_another_conversation_is_refused(api: Api, store: Store) -> None:
    """Cursors are tied to their conversation."""
    one, other = Talk(unique()), Talk(unique())
    for talk in (one, other):
        talk.log("bot.log", "1", at=1)
        talk.log("bot.log", "2", at=2)
        talk.send(store, received_unix_nano=NOW)
    page = await api.timeline(one.conversation_id, limit=1)

    with pytest.raises(Refused, match="cursor"):
        await api.timeline(other.conversation_id, after=str(page["next_cursor"]))


async def test_limits_have_limits(api: Api, store: Store) -> None:
    """A page too long is refused, and the message says what is allowed."""
    talk = Talk(unique())
    talk.log("bot.log", "1", at=1)
    talk.send(store, received_unix_nano=NOW)

    with pytest.raises(Refused, match="from 1 to 1000"):
        await api.timeline(talk.conversation_id, limit=1001)
