"""`otel_botlogs/ATTRIBUTES.md` names every attribute that the plugin can write, with its type, and no other."""

from __future__ import annotations

import ast
import contextlib
import logging
import re
from pathlib import Path

import pytest

import otel_botlogs
from otel_botlogs import semconv
from otel_botlogs.recorder import _attribute_name as attribute_name  # pyright: ignore[reportPrivateUsage]
from otel_botlogs.testing import Recording, record

PLUGIN = Path(otel_botlogs.__file__).parent
TEXT = (PLUGIN / "ATTRIBUTES.md").read_text(encoding="utf-8")
ROWS = {
    name: {"type": kind, "content": content}
    for name, kind, _, content in re.findall(r"^\| `(\S+)` \| (.*?) \| (.*?) \| (yes|no) \|", TEXT, re.MULTILINE)
}
TYPES = {"string": str, "int": int, "double": float, "bool": bool}


def test_the_table_is_the_vocabulary() -> None:
    """Every attribute of `semconv` has one row, and every row is one of `semconv`."""
    assert ROWS.keys() == semconv.ATTRIBUTE_NAMES
    assert len(re.findall(r"^\| `", TEXT, re.MULTILINE)) == len(ROWS)


def test_the_table_says_what_is_content() -> None:
    """What is masked is said to be content, and nothing else is; so are the bodies."""
    assert {name for name, row in ROWS.items() if row["content"] == "yes"} == semconv.CONTENT_ATTRIBUTES
    bodies = TEXT[TEXT.index("Bodies:") :]
    assert all(name in bodies or f"`.{name.rpartition('.')[2]}`" in bodies for name in semconv.CONTENT_BODIES)


def test_code_names_attributes_by_the_vocabulary_alone() -> None:
    """No module but `semconv` spells a name of its own, and a bare name given to `event` becomes a known one."""
    known = semconv.ATTRIBUTE_NAMES | semconv.EVENT_NAMES
    spelled = {
        node.value
        for tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _looks_like_a_name(node.value)
    }
    said = {
        attribute_name(getattr(semconv, call.args[0].attr), word.arg)
        for tree in _trees()
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "event"
        if call.args and isinstance(call.args[0], ast.Attribute)
        for word in call.keywords
        if word.arg is not None and word.arg != "level"
    }

    assert spelled <= known | {"deployment.environment"}  # read, from resources of before 2024
    assert said <= known


def test_everything_that_is_written_is_in_the_table_with_its_type(everything: Recording) -> None:
    """All kinds of events, spans, lines and errors at once: each attribute is documented and of the type it says."""
    written = [
        *(span.attributes or {} for span in everything.spans),
        *(event.attributes for event in everything.events),
    ]

    seen = {name for attributes in written for name in attributes}
    assert seen <= ROWS.keys()
    assert ROWS.keys() - seen == NOT_IN_THIS_PROCESS
    for attributes in written:
        for name, value in attributes.items():
            allowed = {kind for word, kind in TYPES.items() if word in ROWS[name]["type"]} or set(TYPES.values())
            assert type(value) in allowed, (name, value)


NOT_IN_THIS_PROCESS = {
    *("service.name", "service.version", "deployment.environment.name"),  # of the resource
    *("bot.state", "bot.node.route", "bot.flow.reason"),  # of runtimes: tests/runtimes
}


@pytest.fixture
def everything() -> Recording:
    """Write one of everything, each optional value given."""
    flow = otel_botlogs.flow({"id": "f", "name": "Flow", "nodes": [{"id": "n"}], "edges": []})
    with record(bot_version="1.2", segment_max_spans=1) as recording:
        for _ in range(2):  # the second in a segment of its own
            with otel_botlogs.conversation("c", channel="web", user_id="u", session_id="s") as conv:
                with conv.turn("hello", message_id="1", message_type="text") as turn, turn.node("n", flow=flow) as node:
                    _say_all(node)
                    for kind in ("tool", "agent", "flow"):
                        with node.node("inner", type=kind):
                            pass
                    with contextlib.suppress(KeyError), node.node("fails"):
                        raise KeyError("x")
        otel_botlogs.conversation("c").end("done")
    return recording


def _say_all(node: otel_botlogs.Node) -> None:
    node.reply("hi", message_type="text", message_id="2")
    node.nlu("greet", 0.9, intents=["greet"], entities={"a": 1})
    node.branch("a > b", {"a": 1}, taken=True)
    node.fallback("none", count=2)
    node.validation_fail("email", attempt=1, value="nope")
    node.api("GET", "http://x/y", 503, name="y", duration_ms=1.5, request={}, response="r")
    node.function_log("line")
    node.function_error("x", error_type="TypeError")
    node.db("find", "t", rows=3, error="Locked")
    node.llm_request("m", [{}], provider="p", parameters={"temperature": 0})
    node.llm_response(
        "m", "out", provider="p", tools=[], reasoning="r", finish_reason="stop", input_tokens=1, output_tokens=2
    )
    node.kb("q", rephrased="r", results=[], answer="a", confidence=0.5)
    node.event_in("paid", {})
    node.event_out("paid", "x")
    node.notification("otp", status="sent")
    node.handoff("queue", reason="asked")
    node.workflow_output(success=True, value=1)
    node.feedback(4.5, "ok")
    node.flow_start("f", trigger="t")
    node.flow_complete("f")
    node.flow_switch("f", "g", trigger="t")
    node.set_variable("v", 1)
    node.set_variable("v", "two")
    node.wait("for you", timeout_s=30.0)
    node.transition("m", "because")
    node.log("x", **{"a name without room " * 10_000: 1})
    logging.getLogger("shop").warning("slow")


def _trees() -> list[ast.Module]:
    files = (path for path in PLUGIN.rglob("*.py") if path.name not in {"semconv.py", "testing.py"})
    return [ast.parse(path.read_text(encoding="utf-8")) for path in files]


def _looks_like_a_name(text: str) -> bool:
    roots = {name.partition(".")[0] for name in semconv.ATTRIBUTE_NAMES}
    return re.fullmatch(r"[a-z_]+(\.[a-z_]+)+", text) is not None and text.partition(".")[0] in roots
