"""The main job, as a newcomer sees it: sandbox live, production held, then there."""

import json
import uuid
from pathlib import Path
from typing import Any

from tests.end_to_end.conftest import BREAKS, Demo
from tests.support.processes import fetch, run, until


def test_a_sandbox_conversation_is_readable_while_it_goes_on(demo: Demo) -> None:
    """What the bot says in sandbox can be read, with its logs and its node, before the conversation ends."""
    conversation = f"chat-{uuid.uuid4().hex[:8]}"

    demo.say(conversation, None)
    demo.say(conversation, "where is my order?")
    asked = until(lambda: _item(demo, conversation, "bot.node.wait", "ask_order_id"))

    assert demo.get(conversation)[1]["state"] == "live"
    at = asked["time_unix_nano"]
    assert "bot.node.wait" in {log["event_name"] for log in demo.get(conversation, f"/logs?at={at}")[1]["items"]}
    node = demo.get(conversation, f"/node?at={at}")[1]
    assert (node["node_id"], node["flow_id"]) == ("ask_order_id", "support")


def test_a_production_conversation_is_held_and_then_appears(demo: Demo) -> None:
    """Nobody reads a production conversation before its delay has passed; then it is there, with its receipt."""
    conversation = demo.talk("production", *BREAKS)

    held = demo.in_state(conversation, "held")
    status, problem = demo.get(conversation, "/timeline")

    assert status == 409
    assert problem["type"].endswith("not-released")
    assert int(problem["available_unix_nano"]) >= int(held["available_unix_nano"])
    assert int(held["available_unix_nano"]) - int(held["ended_unix_nano"]) == 20_000_000_000
    assert "B-9123" not in str(held)
    released = demo.in_state(conversation, "released")
    assert released["receipt"]["end_rule"] == "signal"
    assert _item(demo, conversation, "bot.handoff", "handoff")


def test_one_conversation_waits_for_the_real_delay(demo: Demo) -> None:
    """One environment of the demo holds for 15 minutes, as production does by default."""
    waiting = demo.in_state(demo.talk("production-15m", *BREAKS), "held")

    assert int(waiting["available_unix_nano"]) - int(waiting["ended_unix_nano"]) == 15 * 60 * 10**9
    assert demo.get(waiting["id"], "/logs")[0] == 409


def test_the_flow_that_ran_is_there_as_it_was_authored(demo: Demo) -> None:
    """The declared flow arrives with its nodes and labelled edges, and its nodes were seen running."""
    conversation = f"chat-{uuid.uuid4().hex[:8]}"
    demo.say(conversation, None)
    until(lambda: _item(demo, conversation, "bot.node.enter", "ask_topic"))

    flow = until(lambda: _flow(demo))

    assert len(flow["nodes"]) == 20
    assert {"from": "fetch_order", "to": "sorry", "label": "the shop failed"}.items() <= next(
        edge for edge in flow["edges"] if (edge["from"], edge["to"]) == ("fetch_order", "sorry")
    ).items()


def _flow(demo: Demo) -> dict[str, Any] | None:
    status, flow = fetch(f"{demo.url}/api/v1/flows/support")
    return flow if status == 200 and flow["nodes"] else None


def _item(demo: Demo, conversation: str, kind: str, node: str) -> dict[str, Any] | None:
    status, page = demo.get(conversation, "/timeline?limit=500")
    items = page["items"] if status == 200 else []
    return next((item for item in items if (item["kind"], item["node_id"]) == (kind, node)), None)


def test_who_only_looked_is_dropped_with_a_receipt(demo: Demo) -> None:
    """A conversation that a policy dropped says which, and stays unreadable."""
    dropped = demo.only_looked()

    status, problem = demo.get(dropped["id"], "/timeline")

    assert (status, problem["policy"]) == (410, "only-looked")
    assert demo.get(dropped["id"])[1]["receipt"]["decision"] == "drop"


def test_what_was_dropped_is_restored_by_one_command(demo: Demo) -> None:
    """One command, and the conversation that a policy dropped can be read, with its receipt still there."""
    dropped = demo.only_looked()

    told = run("restore", dropped["id"], "--reason", "a customer asks", "--url", demo.url)

    assert told.returncode == 0, told.stderr
    restored = demo.in_state(dropped["id"], "restored")
    assert demo.get(dropped["id"], "/timeline")[1]["items"]
    assert restored["receipt"]["decided_by"] == "only-looked"


def test_a_what_if_tells_what_other_policies_would_have_kept(demo: Demo, tmp_path: Path) -> None:
    """A report over what the demo holds: shares by policy and bot, bytes, and what would become of whom."""
    demo.only_looked()
    demo.in_state(demo.talk("production", *BREAKS), "released")
    file = tmp_path / "short.yaml"
    file.write_text("policies: [{name: short, type: turn_count, turn_count: {max_turns: 1}}]\n")

    told = run("what-if", "--policies", str(file), "--since", "1h", "--json", "--url", demo.url)

    report = json.loads(told.stdout)
    assert 0 < report["kept"] < report["conversations"]
    assert report["kept_bytes"] < report["bytes"]
    assert {"short", "none"} <= {share["name"] for share in report["by_policy"]}
    assert sum(share["conversations"] for share in report["by_bot"]) == report["conversations"]
    assert report["examples_total"] >= len(report["examples"]) > 0
    assert {("drop", "keep"), ("keep", "drop")} <= {(each["now"], each["then"]) for each in report["examples"]}
    assert report["lost_with_errors_total"] > 0
