"""Who may read what, the same over HTTP and over gRPC: tokens, roles, bots."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from botlogs_collector.clock import ManualClock
from botlogs_collector.query.pool import StorePool
from botlogs_collector.query.service import QueryService
from tests.support.api import Api, Refused, grpc_api, http_api, items_of
from tests.support.guards import Keys, keys
from tests.support.hold import World
from tests.support.reading import http_client, query_service
from tests.support.sender import SECOND, T0, Talk
from tests.support.store import Store, unique

pytestmark = pytest.mark.anyio

As = Callable[[str | None], AbstractAsyncContextManager[Api]]


@pytest.fixture
def world(store: Store) -> World:
    """A release engine whose clock is the readers' too."""
    return World(store.database)


@pytest.fixture
def clock(world: World) -> ManualClock:
    """The engine's clock."""
    return world.clock


@pytest.fixture
def service(store: Store, clock: ManualClock, pool: StorePool) -> QueryService:
    """The query service by that clock."""
    return query_service(store, clock, pool=pool)


@pytest.fixture
def known(tmp_path: Path) -> Keys:
    """One token a role, and some of one bot alone."""
    return keys(
        tmp_path / "tokens", sender=["sender"], developer=["developer"], analyst=["analyst"], operator=["operator"],
        investigator=["investigator"], shop=["investigator", "bot:shop"], bank=["investigator", "bot:bank"],
    )  # fmt: skip


@pytest.fixture(params=["http", "grpc"])
def as_(request: pytest.FixtureRequest, service: QueryService, known: Keys) -> As:
    """Open the API as somebody, over one of its two ways; None shows no token."""

    @asynccontextmanager
    async def opened(name: str | None) -> AsyncGenerator[Api]:
        token = None if name is None else known.tokens.get(name, name)
        way = http_api if request.param == "http" else grpc_api
        async with way(service, known.guard, token) as api:
            yield api

    return opened


def _tell(store: Store, world: World, environment: str, bot: str = "shop", identifier: str = "") -> Talk:
    talk = Talk(identifier or unique(), environment=environment, bot=bot)
    talk.log("bot.message.user", "tangerine", at=0)
    talk.node("ask", start=1, end=2, bot__flow__id=f"flow-{talk.conversation_id}")
    talk.log("bot.flow.definition", '{"nodes": [{"id": "ask"}]}', bot__flow__id=f"flow-{talk.conversation_id}")
    talk.log("bot.conversation.end", at=4)
    talk.send(store, received_unix_nano=world.clock.now_ns())
    return talk


def _released(store: Store, world: World, bot: str = "shop", identifier: str = "") -> Talk:
    talk = _tell(store, world, "production", bot, identifier)
    world.after(16 * 60)
    return talk


_Way = Callable[[Api, Talk], Awaitable[object]]
_CONTENT: dict[str, _Way] = {
    "timeline": lambda api, talk: api.timeline(talk.conversation_id),
    "timeline by trace": lambda api, talk: api.timeline(talk.trace),
    "logs": lambda api, talk: api.logs(talk.conversation_id, at=T0),
    "node": lambda api, talk: api.node(talk.conversation_id, T0 + SECOND),
    "stream": lambda api, talk: anext(api.stream(talk.conversation_id)),
}
_FACTS: dict[str, _Way] = {
    "conversation": lambda api, talk: api.conversation(talk.conversation_id),
    "list": lambda api, talk: api.conversations(q=talk.conversation_id),
    "flow": lambda api, talk: api.flow(f"flow-{talk.conversation_id}"),
}


async def _outcome(call: Awaitable[object]) -> str:
    try:
        await call
    except Refused as refused:
        return refused.name
    return "read"


async def _outcomes(api: Api, talk: Talk, ways: Mapping[str, _Way] = _CONTENT) -> str:
    """Return what came of every way, in one word if they agree."""
    outcomes = {way: await _outcome(call(api, talk)) for way, call in ways.items()}
    return next(iter(outcomes.values())) if len(set(outcomes.values())) == 1 else str(outcomes)


async def test_without_a_good_token_nothing_is_read(as_: As, store: Store, world: World) -> None:
    """Where tokens are on, every call without one that is known is refused as unauthenticated."""
    talk = _tell(store, world, "sandbox")

    for shown in (None, "bl_0123456789ab_" + "x" * 43, "nonsense"):
        async with as_(shown) as api:
            assert await _outcomes(api, talk, {**_CONTENT, **_FACTS}) == "unauthenticated"


async def test_content_is_read_by_those_whose_role_says_so(as_: As, store: Store, world: World) -> None:
    """Developers read what is live, analysts what was released, investigators both, operators and senders nothing."""
    live = _tell(store, world, "sandbox")
    released = _released(store, world)
    outcomes: dict[str, tuple[str, str]] = {}

    for name in ("developer", "analyst", "investigator", "operator", "sender"):
        async with as_(name) as api:
            outcomes[name] = await _outcomes(api, live), await _outcomes(api, released)

    assert outcomes == {
        "developer": ("read", "forbidden"),
        "analyst": ("forbidden", "read"),
        "investigator": ("read", "read"),
        "operator": ("forbidden", "forbidden"),
        "sender": ("forbidden", "forbidden"),
    }


async def test_no_role_reads_what_is_held(as_: As, store: Store, world: World) -> None:
    """The delay is for everybody: an investigator gets not-released like anyone."""
    talk = _tell(store, world, "production")
    outcomes: dict[str, str] = {}

    for name in ("analyst", "investigator", "developer"):
        async with as_(name) as api:
            outcomes[name] = await _outcomes(api, talk)

    assert outcomes == {"analyst": "not-released", "investigator": "not-released", "developer": "forbidden"}


async def test_lists_and_facts_show_what_the_role_may_know_of(as_: As, store: Store, world: World) -> None:
    """Developers see live conversations, analysts the others, investigators and operators all; senders none."""
    live = _tell(store, world, "sandbox")
    held = _tell(store, world, "production")
    seen: dict[str, tuple[bool, bool]] = {}

    for name in ("developer", "analyst", "investigator", "operator"):
        async with as_(name) as api:
            found = [items_of(await api.conversations(q=talk.conversation_id)) for talk in (live, held)]
            facts = [await _outcome(api.conversation(talk.conversation_id)) == "read" for talk in (live, held)]
        seen[name] = bool(found[0]), bool(found[1])
        assert seen[name] == tuple(facts), name
    async with as_("sender") as api:
        refused = {way: await _outcome(call(api, live)) for way, call in _FACTS.items()}

    assert seen == {
        "developer": (True, False), "analyst": (False, True), "investigator": (True, True), "operator": (True, True),
    }  # fmt: skip
    assert set(refused.values()) == {"forbidden"}


async def test_flows_show_what_the_role_may_know_of(as_: As, store: Store, world: World) -> None:
    """A flow that was used in production alone is not there for a developer, nor one of the sandbox for an analyst."""
    live = _tell(store, world, "sandbox")
    released = _released(store, world)
    seen: dict[str, tuple[str, str]] = {}

    for name in ("developer", "analyst", "investigator"):
        async with as_(name) as api:
            seen[name] = await _outcome(_FACTS["flow"](api, live)), await _outcome(_FACTS["flow"](api, released))

    assert seen == {
        "developer": ("read", "not-found"), "analyst": ("not-found", "read"), "investigator": ("read", "read"),
    }  # fmt: skip


async def test_another_bots_conversation_is_not_there(as_: As, store: Store, world: World) -> None:
    """For a token of one bot the others' conversations do not exist, by whatever id."""
    talk = _tell(store, world, "sandbox", bot="shop")
    by_name = {way: call for way, call in {**_CONTENT, **_FACTS}.items() if way != "list"}

    async with as_("bank") as api:
        outcome = await _outcomes(api, talk, by_name)
        listed = items_of(await api.conversations(q=talk.conversation_id))
    async with as_("shop") as api:
        own = await _outcomes(api, talk, by_name)

    assert (outcome, listed, own) == ("not-found", [], "read")


async def test_an_id_that_two_bots_use_means_ones_own(as_: As, store: Store, world: World) -> None:
    """A conversation id is a bot's own: a token of one bot gets that bot's, though the other's is newer."""
    identifier = unique()
    _tell(store, world, "sandbox", bot="shop", identifier=identifier)
    world.clock.advance(1)
    _tell(store, world, "sandbox", bot="bank", identifier=identifier)
    bots: dict[str, object] = {}

    for name in ("shop", "bank", "investigator"):
        async with as_(name) as api:
            bots[name] = (await api.conversation(identifier))["bot_id"]
            await api.timeline(identifier)

    assert bots == {"shop": "shop", "bank": "bank", "investigator": "bank"}


async def test_a_list_of_one_bot_is_full_pages(as_: As, store: Store, world: World) -> None:
    """What others do takes no place on the pages of a token of one bot."""
    bot = unique("bot")
    for number in range(6):
        _tell(store, world, "sandbox", bot="shop" if number % 2 else bot)
        world.clock.advance(1)

    async with as_("shop") as api:
        page = await api.conversations(limit=3)
        theirs = await api.conversations(bot=bot)

    assert {item["bot_id"] for item in items_of(page)} == {"shop"}
    assert len(items_of(page)) == 3
    assert items_of(theirs) == []


async def test_who_is_turned_away_is_counted(store: Store, world: World, service: QueryService, known: Keys) -> None:
    """Every refusal at a door counts, by its reason."""
    async with http_client(service, guard=known.guard) as client:
        await client.get("/api/v1/conversations")
        await client.get("/metrics", headers=known.headers("analyst"))

    counted = known.telemetry.exposition().decode()

    assert 'botlogs_turned_away_calls_total{reason="unauthenticated"} 1.0' in counted
    assert 'botlogs_turned_away_calls_total{reason="forbidden"} 1.0' in counted
