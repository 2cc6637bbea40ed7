"""From several processes with the plugin, through the real collector, to what a reader gets: one conversation."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.bot_process import clean_environ, run_bot, running
from tests.support.processes import free_ports, until
from tests.support.service import Service


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Start one real service for all bots here; each test has a conversation of its own."""
    with Service(tmp_path_factory.mktemp("service")) as service:
        yield service


def timeline(
    service: Service, conversation: str, complete: Callable[[list[dict[str, Any]]], bool]
) -> list[dict[str, Any]]:
    """Return the conversation's timeline once it is *complete*."""

    def ask() -> list[dict[str, Any]] | None:
        status, body = service.get(f"/conversations/{conversation}/timeline?limit=1000")
        return body["items"] if status == 200 and complete(body["items"]) else None

    return until(ask)


def has(**times: int) -> Callable[[list[dict[str, Any]]], bool]:
    """Return whether so many items of each kind are there."""
    wanted = {kind.replace("_", "."): count for kind, count in times.items()}
    return lambda items: all(sum(item["kind"] == kind for item in items) >= count for kind, count in wanted.items())


ENTER = "bot.node.enter"


def nodes(items: list[dict[str, Any]], kind: str = ENTER) -> list[str]:
    return [item["node_id"] for item in items if item["kind"] == kind]


def _with_turns(found: dict[str, Any], turns: int) -> dict[str, Any] | None:
    return found if found["turns"] == turns else None


WORKER = """
for index in range({first}, 5, 2):
    step("turn")
    with otel_botlogs.conversation("two", new={new}) as conv, conv.turn(f"message {{index}}", index=index) as turn:
        with turn.node(f"node {{index}}") as node:
            node.log(f"line {{index}}")
            step("inside")
        turn.reply(f"answer {{index}}")
        otel_botlogs.flush()
step("done")
"""


def test_two_processes_at_once_write_one_conversation(service: Service) -> None:
    """Turns of two workers overlap: each begins while the other's node still runs, and all is one trace in order."""
    first, second = WORKER.format(first=1, new=True), WORKER.format(first=2, new=False)

    with running(first, second, endpoint=service.http) as (one, two):
        one.reaches("turn")
        two.reaches("turn")
        for bot, word in (
            *((one, "inside"), (two, "inside")),  # node 2 begins while node 1 runs
            *((one, "turn"), (one, "inside")),  # node 3 beside node 2
            *((two, "turn"), (two, "inside")),  # node 4 beside node 3
            *((one, "done"), (two, "done")),
        ):
            bot.go_on()
            bot.reaches(word)

    items = timeline(service, "two", has(bot_node_exit=4, bot_message_bot=4))
    found = until(lambda: _with_turns(service.conversation("two"), 4))
    steps = [(item["kind"], item["node_id"][-1]) for item in items if item["kind"] in {ENTER, "bot.node.exit"}]
    assert steps == [
        *((ENTER, "1"), (ENTER, "2"), ("bot.node.exit", "1"), (ENTER, "3")),
        *(("bot.node.exit", "2"), (ENTER, "4"), ("bot.node.exit", "3"), ("bot.node.exit", "4")),
    ]
    assert (found["turns"], found["node_actions"], found["state"]) == (4, 4, "live")
    assert sum(item["kind"] == "bot.conversation.start" for item in items) == 1
    for index in range(1, 5):
        of_turn = {item["kind"] for item in items if item["turn_index"] == index}
        assert {"bot.message.user", ENTER, "bot.log", "bot.node.exit", "bot.message.bot"} <= of_turn
    listed = service.get("/conversations?bot=shop&limit=100")[1]["items"]
    assert [item["conversation_id"] for item in listed].count("two") == 1


KILLED = """
with otel_botlogs.conversation("killed") as conv, conv.turn("hello") as turn, turn.node("greet"):
    pass
with conv.turn("where is it?") as turn, turn.node("look_up") as node:
    node.log("asking the shop")
    step("asking")
"""
AFTER_IT = """
with otel_botlogs.conversation("killed", new=False) as conv, conv.turn("still there?", index=3) as turn:
    with turn.node("apologise"):
        turn.reply("Sorry, that took long.")
step("answered")
conv.end()
step("ended")
"""


def test_a_process_killed_in_mid_turn_reads_as_one_conversation(service: Service) -> None:
    """What it had said is there without a flush, its node is still shown at work, and another worker goes on."""
    with running(KILLED, endpoint=service.http) as (bot,):
        bot.reaches("asking")
        sent = timeline(service, "killed", has(bot_log=1, bot_node_exit=1))  # sent by itself, within the batch delay
        bot.kill()

    with running(AFTER_IT, endpoint=service.http) as (other,):
        other.reaches("answered")
        items = timeline(service, "killed", has(bot_message_bot=1, bot_node_exit=2))
        other.go_on()
        other.reaches("ended")
        timeline(service, "killed", lambda items: not any(item["running"] for item in items))  # over: nobody is at work

    assert [item["node_id"] for item in sent if item["running"]] == ["look_up"]
    assert nodes(items) == ["greet", "look_up", "apologise"]
    assert nodes(items, "bot.node.exit") == ["greet", "apologise"]
    assert [item["node_id"] for item in items if item["running"]] == ["look_up"]
    assert [item["title"] for item in items if item["kind"] == "bot.log"] == ["asking the shop"]
    assert until(lambda: _with_turns(service.conversation("killed"), 3))  # the one it died in is known by its events
    listed = service.get("/conversations?bot=shop&limit=100")[1]["items"]
    assert [item["conversation_id"] for item in listed].count("killed") == 1


CALLER = """
import httpx
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor

HTTPXClientInstrumentor().instrument()
with otel_botlogs.conversation("calls") as conv, conv.turn("where is 4711?") as turn:
    with turn.node("ask"):
        pass
    with turn.node("look_up", type="api"), httpx.Client(trust_env=False) as client:
        assert client.get("http://127.0.0.1:{port}/orders/4711").text == "sent"
"""


def test_a_plain_service_downstream_appears_inside_the_node_that_called_it(service: Service) -> None:
    """An HTTP service in a process of its own, with plain OpenTelemetry alone: its spans and logs are in the node."""
    (port,) = free_ports(1)
    command = [sys.executable, "-m", "tests.support.plain_http_service", str(port), service.http]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=clean_environ()
    ) as orders:
        assert orders.stdout is not None
        assert orders.stdout.readline() == "ready\n"
        run_bot(CALLER.format(port=port), service.http)
        orders.communicate(timeout=60)

    items = timeline(service, "calls", lambda items: sum(item["title"] == "select order" for item in items) == 1)
    entered = {item["node_id"]: item["span_id"] for item in items if item["kind"] == ENTER}
    theirs = [item for item in items if item["title"] in {"GET", "GET /orders/4711", "select order"}]
    (line,) = (item for item in items if "was asked for" in item["title"])
    assert len(theirs) == 3, [item["title"] for item in items]  # the bot's client, the server, and what that did
    for item in (*theirs, line):
        assert (item["node_id"], item["node_action_id"]) == ("look_up", entered["look_up"])
    assert service.conversation("calls")["node_actions"] == 2
    _, trace = service.get("/conversations/calls/trace")
    services = {
        value["value"]["stringValue"]
        for resource in trace["resourceSpans"]
        for value in resource["resource"]["attributes"]
        if value["key"] == "service.name"
    }
    assert services == {"shop", "orders"}


TALK = """
import otel_botlogs
otel_botlogs.configure(bot_id="shop", environment="sandbox", endpoint={endpoint!r}, segment_max_spans=2)
for index in range({turns}):
    with otel_botlogs.conversation("long", new={new}{segment}) as conv, conv.turn() as turn, turn.node("{node}"):
        pass
print(conv.segment, format(conv.trace_id, "032x"))
"""


def test_a_conversation_that_rolled_over_is_one_in_every_process(service: Service) -> None:
    """After a restart a bot that says the segment goes on in it, one that does not in the first; both read as one."""

    def talk(node: str, turns: int, segment: str, *, new: bool) -> list[str]:
        script = TALK.format(endpoint=service.http, node=node, turns=turns, new=new, segment=segment)
        return run_bot(script, service.http)[-1].split()

    rolled_over = talk("before", 3, "", new=True)
    told = talk("told", 1, f", segment={rolled_over[0]}", new=False)
    untold = talk("untold", 1, "", new=False)

    items = timeline(service, "long", has(bot_node_exit=5))
    assert (rolled_over[0], told, untold[0]) == ("2", rolled_over, "0")
    assert nodes(items) == ["before", "before", "before", "told", "untold"]
    assert until(lambda: _with_turns(service.conversation("long"), 5))["node_actions"] == 5
    listed = service.get("/conversations?bot=shop&limit=100")[1]["items"]
    assert [item["conversation_id"] for item in listed].count("long") == 1
