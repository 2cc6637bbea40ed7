"""Nothing of what may not be read comes out, whichever way somebody asks; what may be read does."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from botlogs_collector.clock import ManualClock
from botlogs_collector.query.pool import StorePool
from botlogs_collector.query.service import QueryService
from tests.support.api import Api, HttpApi, Json, Refused, items_of
from tests.support.hold import MINUTE, World
from tests.support.policies import policy_set
from tests.support.reading import query_service
from tests.support.sender import SECOND, T0, Talk
from tests.support.store import Store, unique

pytestmark = pytest.mark.anyio

_DROP_ALL = "policies: [{name: errors-only, type: status_code, status_code: {status_codes: [ERROR]}}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """One conversation of every kind that nobody may read, at one moment."""

    world: World
    ongoing: Talk
    held: Talk
    held_until_ns: int
    dropped: Talk


@pytest.fixture(scope="module")
def closed(store: Store) -> Closed:
    """What many tests ask for in many ways, and none of them changes."""
    world = World(store.database, policies=policy_set(_DROP_ALL))
    dropped = _tell(store, world)
    world.after(16 * 60)
    held = _tell(store, world)
    held_until_ns = world.clock.now_ns() + 15 * MINUTE
    ongoing = Talk(unique(), environment="production")
    ongoing.log("bot.message.user", "tangerine", at=0)
    ongoing.send(store, received_unix_nano=world.clock.now_ns())
    world.clock.advance(60)
    return Closed(world=world, ongoing=ongoing, held=held, held_until_ns=held_until_ns, dropped=dropped)


@pytest.fixture
def world(request: pytest.FixtureRequest, store: Store) -> World:
    """A release engine whose clock is the readers' too: that of `closed` for who asks for those."""
    if "closed" in request.fixturenames:
        closed: Closed = request.getfixturevalue("closed")
        return closed.world
    return World(store.database)


@pytest.fixture
def clock(world: World) -> ManualClock:
    """The engine's clock."""
    return world.clock


@pytest.fixture
def service(store: Store, clock: ManualClock, pool: StorePool) -> QueryService:
    """The query service by that clock."""
    return query_service(store, clock, pool=pool)


def _tell(store: Store, world: World, environment: str | None = "production") -> Talk:
    """Let a conversation arrive now that says `tangerine` wherever a word can be, and end it."""
    talk = Talk(unique(), environment=environment)
    talk.log("bot.message.user", "tangerine", at=0)
    span = talk.node("tangerine", start=1, end=2, bot__flow__id=f"flow-{talk.conversation_id}")
    talk.log("bot.api", at=1.5, span=span, bot__api__response="tangerine")
    talk.span("tangerine", start=2, end=3).events.add(name="tangerine", time_unix_nano=T0 + 2 * SECOND)
    talk.log("bot.flow.definition", '{"nodes": [{"id": "tangerine"}]}', bot__flow__id=f"flow-{talk.conversation_id}")
    talk.log("bot.conversation.end", at=4)
    talk.send(store, received_unix_nano=world.clock.now_ns())
    return talk


_CONTENT: dict[str, Callable[[Api, Talk], object]] = {
    "timeline": lambda api, talk: api.timeline(talk.conversation_id),
    "timeline by trace": lambda api, talk: api.timeline(talk.trace),
    "logs at": lambda api, talk: api.logs(talk.conversation_id, at=T0),
    "logs with text": lambda api, talk: api.logs(talk.conversation_id, q="tangerine"),
    "logs of a node": lambda api, talk: api.logs(talk.conversation_id, node_action_id="0" * 16),
    "node": lambda api, talk: api.node(talk.conversation_id, T0 + SECOND),
    "stream": lambda api, talk: anext(api.stream(talk.conversation_id)),
}


@pytest.mark.parametrize("way", _CONTENT)
async def test_a_conversation_under_way_says_no(api: Api, closed: Closed, way: str) -> None:
    """In production nothing is readable while the conversation goes on, and nobody knows until when."""
    with pytest.raises(Refused) as refused:
        await _CONTENT[way](api, closed.ongoing)  # pyright: ignore[reportGeneralTypeIssues]

    assert refused.value.name == "not-released"
    assert not refused.value.facts.get("available_unix_nano")
    assert "tangerine" not in str(refused.value)


@pytest.mark.parametrize("way", _CONTENT)
async def test_a_held_conversation_says_until_when(api: Api, closed: Closed, way: str) -> None:
    """A conversation that has ended is readable after the environment's delay, which the refusal names."""
    with pytest.raises(Refused) as refused:
        await _CONTENT[way](api, closed.held)  # pyright: ignore[reportGeneralTypeIssues]

    assert refused.value.name == "not-released"
    assert refused.value.facts["available_unix_nano"] == str(closed.held_until_ns)


@pytest.mark.parametrize("way", _CONTENT)
async def test_a_dropped_conversation_names_the_policy(api: Api, closed: Closed, way: str) -> None:
    """What was sampled out says so, and by what."""
    with pytest.raises(Refused) as refused:
        await _CONTENT[way](api, closed.dropped)  # pyright: ignore[reportGeneralTypeIssues]

    assert refused.value.name == "sampled-out"
    assert refused.value.facts["policy"]


async def test_a_released_conversation_is_readable(api: Api, store: Store, world: World) -> None:
    """After the delay everything is there, and the receipt says why."""
    talk = _tell(store, world)
    world.after(16 * 60)

    page = await api.timeline(talk.conversation_id)
    conversation = await api.conversation(talk.conversation_id)

    assert "User: tangerine" in [item["title"] for item in items_of(page)]
    assert conversation["state"] == "released"
    receipt = conversation["receipt"]
    assert isinstance(receipt, dict)
    assert (receipt["decision"], receipt["end_rule"], receipt["episode"]) == ("keep", "signal", 1)


async def test_a_restored_conversation_is_readable(api: Api, store: Store, world: World) -> None:
    """What was dropped and restored reads like what was kept."""
    talk = _tell(store, world)
    world.policies = policy_set(_DROP_ALL)
    world.after(16 * 60)
    world.history.restore(talk.conversation_id, by="test", reason="wanted")
    world.run()

    page = await api.timeline(talk.conversation_id)

    assert "User: tangerine" in [item["title"] for item in items_of(page)]
    assert (await api.conversation(talk.conversation_id))["state"] == "restored"


@pytest.mark.parametrize("environment", ["production", "qa-unheard-of", None])
async def test_no_word_comes_out_early(api: Api, store: Store, world: World, environment: str | None) -> None:
    """Lists, searches, filters, receipts and flows: not one of them knows the word before its time.

    An environment that nobody configured counts as production, and so does none.
    """
    talk = _tell(store, world, environment)
    world.clock.advance(60)
    flow = f"flow-{talk.conversation_id}"

    answers = [
        await api.conversation(talk.conversation_id),
        await api.conversations(q=talk.conversation_id),
        await _nothing(api.flow(flow)),
    ]
    found = [
        *await _ids(api, q="tangerine"),
        *await _ids(api, node="tangerine"),
        *await _ids(api, flow=flow),
        *await _ids(api, tag="bot.api"),
    ]

    assert talk.conversation_id not in found
    assert "tangerine" not in str(answers)
    assert [item["id"] for item in items_of(answers[1])] == [talk.conversation_id]


async def test_the_word_is_found_once_it_may_be(api: Api, store: Store, world: World) -> None:
    """The same searches find the conversation after its release: the silence before was the gate."""
    talk = _tell(store, world)
    world.after(16 * 60)
    flow = f"flow-{talk.conversation_id}"

    for narrowed in ({"q": "TANGERINE"}, {"node": "tangerine"}, {"flow": flow}, {"tag": "bot.api"}):
        assert talk.conversation_id in await _ids(api, **narrowed), narrowed
    assert [node["id"] for node in _nodes(await api.flow(flow))] == ["tangerine"]


async def test_counts_of_what_is_held_are_told(api: Api, store: Store, world: World) -> None:
    """A held conversation shows how much there is of it."""
    talk = _tell(store, world)
    world.clock.advance(60)

    conversation = await api.conversation(talk.conversation_id)

    assert (conversation["state"], conversation["end_rule"]) == ("held", "signal")
    assert (conversation["spans"], conversation["log_events"], conversation["node_actions"]) == (2, 7, 1)


async def test_exports_and_pages_say_no_too(http: HttpApi, store: Store, world: World) -> None:
    """What only HTTP has keeps the same gate."""
    talk = _tell(store, world)
    world.clock.advance(60)

    for path in (
        "trace",
        "timeline",
        "logs",
        "node?at=1",
        "stream",
        "variables",
        "variable-changes",
        "path",
        "markdown",
    ):
        response = await http.client.get(f"/api/v1/conversations/{talk.conversation_id}/{path}")

        assert response.status_code == 409, path
        assert "tangerine" not in response.text, path


async def _ids(api: Api, **narrowed: str) -> list[object]:
    return [item["id"] for item in items_of(await api.conversations(**narrowed))]


async def _nothing(call: object) -> Json:
    with pytest.raises(Refused) as refused:
        await call  # pyright: ignore[reportGeneralTypeIssues]
    assert refused.value.name == "not-found"
    return {"refused": str(refused.value)}


def _nodes(flow: Json) -> list[Json]:
    nodes = flow["nodes"]
    assert isinstance(nodes, list)
    return nodes
