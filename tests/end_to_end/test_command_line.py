"""The reading commands over a running service, as a person and as a program use them."""

import itertools
import json
import re
import uuid
from typing import Any

import pytest

from tests.end_to_end.conftest import BREAKS, Demo
from tests.support.processes import Program, run, until


@pytest.fixture(scope="module")
def conversation(demo: Demo) -> str:
    """A sandbox conversation that waits for an order id, with a warning, an error and a fallback behind it."""
    name = f"chat-{uuid.uuid4().hex[:8]}"
    for line in (None, "hmm", "where is my order?"):
        demo.say(name, line)
    until(lambda: demo.get(name, "/node?at=" + _last_time(demo, name))[0] == 200)
    until(lambda: "What is your order id" in run("logs", name, "--url", demo.url).stdout)
    return name


def _last_time(demo: Demo, name: str) -> str:
    status, page = demo.get(name, "/timeline?limit=1000")
    return page["items"][-1]["time_unix_nano"] if status == 200 and page["items"] else "0"


def _json(demo: Demo, *arguments: str) -> Any:
    ended = run(*arguments, "--json", "--url", demo.url)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def test_the_list_shows_one_row_a_conversation(demo: Demo, conversation: str) -> None:
    """People get a table that names the conversation and its state, without colour in a pipe."""
    shown = run("conversations", "--environment", "sandbox", "--q", conversation, "--url", demo.url).stdout

    row = next(line for line in shown.splitlines() if conversation in line)
    assert "live" in row
    assert "\x1b" not in shown


def test_programs_get_one_document(demo: Demo, conversation: str) -> None:
    """--json gives the API's own items."""
    found = _json(demo, "conversations", "--q", conversation)["items"]

    assert [one["conversation_id"] for one in found] == [conversation]


def test_a_timestamp_leads_to_its_logs_and_its_node(demo: Demo, conversation: str) -> None:
    """A time that `logs` shows is taken back by --at, by `logs` and by `node` alike."""
    line = next(
        line for line in run("logs", conversation, "--url", demo.url).stdout.splitlines() if "bot.fallback" in line
    )
    at = line.split()[0]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", at)

    logs = _json(demo, "logs", conversation, "--at", at)["items"]
    node = _json(demo, "node", conversation, "--at", at)

    assert "bot.fallback" in {log["event_name"] for log in logs}
    assert node["node_id"] == "fallback"


def test_logs_of_one_node(demo: Demo, conversation: str) -> None:
    """--node narrows to a node of the flow."""
    found = _json(demo, "logs", conversation, "--node", "understand")["items"]

    assert {log["node_id"] for log in found} == {"understand"}
    assert "bot.nlu" in {log["event_name"] for log in found}


def test_a_time_that_matches_nothing_names_the_nearest(demo: Demo, conversation: str) -> None:
    """An instant at which nothing happened fails with the nearest one."""
    ended = run("logs", conversation, "--at", "2001-01-01T00:00:00Z", "--url", demo.url)

    assert ended.returncode == 1
    assert re.search(r"nearest is \d{19}", ended.stderr)


def test_tail_shows_what_happens_as_it_happens(demo: Demo, conversation: str) -> None:
    """Tail --json writes one line for each item, the ones from before and the ones to come."""
    tail = Program("tail", "--conversation", conversation, "--json", "--url", demo.url)
    until(lambda: any("bot.fallback" in line for line in tail.out))

    demo.say(conversation, "twelve")
    until(lambda: any("bot.validation.fail" in line for line in tail.out))

    tail.stop()
    items = [json.loads(line) for line in tail.out]
    assert {item["conversation_id"] for item in items} == {conversation}
    identities = [item["item_id"] for item in items]
    assert len(identities) == len(set(identities))


def test_tail_of_all_begins_now(demo: Demo) -> None:
    """Tail without a conversation follows those that become active."""
    tail = Program("tail", "--json", "--url", demo.url)
    prefix = f"tail-{uuid.uuid4().hex[:8]}"
    rounds = itertools.count()

    def spoke_and_seen() -> bool:
        demo.say(f"{prefix}-{next(rounds)}", None)  # a new one each time: tail itself needs a moment to begin
        return any(prefix in line for line in tail.out)

    until(spoke_and_seen)
    tail.stop()


def test_explain_tells_a_held_conversation_apart(demo: Demo) -> None:
    """Explain says when it ended, by which rule, and when it can be read; logs says to ask explain."""
    waiting = demo.in_state(demo.talk("production-15m", *BREAKS), "held")["id"]

    told = run("explain", waiting, "--url", demo.url).stdout
    refused = run("logs", waiting, "--url", demo.url)

    assert "the bot said so" in told
    assert re.search(r"becomes readable at \S+, in 1\d min", told)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "botlogs explain" in refused.stderr


def test_explain_tells_programs_the_same(demo: Demo) -> None:
    """As JSON: the end and its rule, each vote with its figures, the sentences, and what happens next and when."""
    dropped, waiting = (
        json.loads(run("explain", each["id"], "--json", "--url", demo.url).stdout)
        for each in (
            demo.only_looked(),
            demo.in_state(demo.talk("production-15m", *BREAKS), "held"),
        )
    )

    votes = {vote["policy"]: vote for vote in dropped["receipt"]["votes"]}
    assert dropped["end_rule"] in ("signal", "idle")
    assert int(dropped["ended_unix_nano"]) > 0
    assert votes["only-looked"]["vote"] == "dropped"
    assert "turns" in votes["only-looked"]["because"]
    assert any("it can be brought back" in sentence for sentence in dropped["next"])
    assert set(dropped["next"]) < set(dropped["explanation"])
    assert int(waiting["available_unix_nano"]) > int(waiting["ended_unix_nano"])
    assert any("becomes readable at" in sentence for sentence in waiting["next"])


def test_a_dropped_conversation_comes_back(demo: Demo) -> None:
    """Explain names the policy that dropped it, restore brings it back, and then its logs are there."""
    dropped = demo.only_looked()["id"]
    told = run("explain", dropped, "--url", demo.url).stdout
    assert "policy only-looked" in told
    assert f"botlogs restore {dropped}" in told

    restored = run("restore", dropped, "--reason", "a test", "--url", demo.url)

    assert restored.returncode == 0, restored.stderr
    assert "bot.node.enter" in until(lambda: run("logs", dropped, "--url", demo.url).stdout)


def test_grants_are_given_listed_and_withdrawn(demo: Demo) -> None:
    """Keep add, list and remove manage standing orders; one without an end is wrong usage."""
    endless = run("keep", "add", "--bot", "other", "--reason", "audit", "--url", demo.url)
    granted = _json(demo, "keep", "add", "--bot", "other", "--for", "30d", "--reason", "audit")
    listed = run("keep", "list", "--url", demo.url).stdout
    removed = run("keep", "remove", granted["grant_id"], "--url", demo.url)

    assert endless.returncode == 2
    assert granted["grant_id"] in listed
    assert "bot_id other" in listed
    assert removed.returncode == 0, removed.stderr
    assert granted["grant_id"] not in run("keep", "list", "--url", demo.url).stdout


def test_what_if_replays_policies(demo: Demo, tmp_path: Any) -> None:
    """what-if says what a file of policies would have kept of what is still held."""
    until(lambda: demo.conversations(environment="production", state="released"))
    file = tmp_path / "policies.yaml"
    file.write_text("tail_sampling:\n  policies:\n    - {name: all, type: always_sample}\n")

    told = run("what-if", "--policies", str(file), "--since", "1h", "--url", demo.url)

    assert told.returncode == 0, told.stderr
    assert re.search(r"Of (\d+) conversations, \1 would be kept", told.stdout)
    assert "0 with errors would be lost" in told.stdout


def test_doctor_finds_a_good_service_good(demo: Demo) -> None:
    """Doctor checks the way from a bot to a reader, and its test span comes out at the other end."""
    told = run(
        "doctor", "--json", "--url", demo.url, "--otlp-http", demo.otlp_http, "--otlp-grpc", demo.otlp_grpc,
        "--api-grpc", demo.api_grpc,
    )  # fmt: skip
    checks = {check["name"]: check for check in json.loads(told.stdout)["items"]}

    assert checks["round trip"]["good"], checks
    assert all(check["good"] for check in checks.values()), checks
    assert told.returncode == 0


def test_doctor_says_what_to_do_about_a_closed_port(demo: Demo) -> None:
    """A wrong OTLP address is found, with advice, and the exit code is 1."""
    told = run("doctor", "--url", demo.url, "--otlp-http", "http://127.0.0.1:1")

    assert told.returncode == 1
    assert "does not accept a span" in told.stdout
    assert "OTEL_EXPORTER_OTLP_ENDPOINT" in told.stdout
