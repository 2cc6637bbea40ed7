"""The sample bot: its behaviour is its authored flow."""

from collections.abc import Iterator

import pytest

from botlogs_collector.demo import users
from botlogs_collector.demo.dialogue import Dialogue
from botlogs_collector.demo.flow import SUPPORT
from botlogs_collector.demo.nodes import steps
from botlogs_collector.demo.shop import Shop, start_shop
from otel_botlogs import testing

_SCRIPTS = [
    script
    for crowd in users.CROWDS.values()
    for script in (*crowd.at_start, *crowd.then)
] + [
    users.Script(lines=("where is my order?", "one", "two", "three")),
    users.Script(lines=("return a book, refund", "B-1111", "do not like it", "no thanks")),
]  # fmt: skip

# The returns desk never fails by itself.
_NEEDS_LUCK = {("create_return", "sorry")}


def _labels() -> dict[tuple[str, str], str | None]:
    edges = SUPPORT["edges"]
    assert isinstance(edges, list)
    return {(edge["from"], edge["to"]): edge.get("label") for edge in edges}


@pytest.fixture
def shop() -> Iterator[Shop]:
    """The demo's shop on a free port."""
    server = start_shop()
    yield Shop(f"http://127.0.0.1:{server.server_address[1]}")
    server.shutdown()
    server.server_close()


def test_the_scripts_walk_every_edge_of_the_declared_flow(shop: Shop) -> None:
    """What the scripted users cause is exactly the declared flow: each edge is taken, under its label, and no other."""
    with testing.record(bot_id="bookshop") as recording:
        dialogue = Dialogue(steps(shop), lambda: None)
        for number, script in enumerate(_SCRIPTS):
            session = dialogue.session(f"c{number}", channel="web", user_id="u")
            for line in (None, *script.lines):
                dialogue.take_turn(session, line)
        walked = [recording.conversation(name).transitions for name in recording.conversation_ids]

    taken = {(origin, to): reason for path in walked for origin, to, reason in path}
    labels = _labels()
    assert set(taken) == set(labels) - _NEEDS_LUCK
    wrong = {edge: reason for edge, reason in taken.items() if labels[edge] not in (reason, "exception")}
    assert not wrong


def test_a_node_that_breaks_leads_to_the_error_path(shop: Shop) -> None:
    """An exception in a node is recorded as the node's error, and the user is handed to a person."""
    with testing.record(bot_id="bookshop") as recording:
        dialogue = Dialogue(steps(shop), lambda: None)
        session = dialogue.session("c", channel="web", user_id="u")
        for line in (None, *users.BOT_BREAKS.lines):
            dialogue.take_turn(session, line)
        broken = recording.conversation("c")

    assert broken.errors == ["ValueError"]
    assert broken.nodes[-4:] == ["estimate_delivery", "sorry", "handoff", "goodbye"]
    assert session.ended


def test_a_shop_that_fails_once_is_asked_again(shop: Shop) -> None:
    """A call that fails and then works leaves both calls and a captured warning behind."""
    with testing.record(bot_id="bookshop") as recording:
        dialogue = Dialogue(steps(shop), lambda: None)
        session = dialogue.session("c", channel="web", user_id="u")
        for line in (None, *users.MISTYPES.lines):
            dialogue.take_turn(session, line)
        calls = recording.conversation("c").named("bot.api")
        lines = recording.conversation("c").logs("fetch_order")

    assert [call.attributes["http.response.status_code"] for call in calls] == [503, 200]
    assert any("the shop failed with 503, try 1 of 2" in line for line in lines)
