"""What only HTTP has: the description, headers, OTLP/JSON, pages, and answers to nonsense."""

import json
import warnings
from collections.abc import Mapping
from typing import cast

import pytest
from google.protobuf import json_format
from openapi_spec_validator import validate
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from starlette.routing import Route

from botlogs_collector.clock import ManualClock
from botlogs_collector.otlp.json_codec import parse_json
from botlogs_collector.query import walk
from botlogs_collector.query.http import ENDPOINTS, PREFIX
from botlogs_collector.query.openapi import document
from tests.support.api import HttpApi
from tests.support.reading import NOW, history_routes
from tests.support.sender import SECOND, T0, Talk, attributes
from tests.support.store import Store, unique

pytestmark = pytest.mark.anyio


async def test_the_description_is_valid_and_whole(http: HttpApi, store: Store) -> None:
    """openapi.json validates and names every address that there is."""
    described = (await http.client.get(f"{PREFIX}/openapi.json")).json()

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        validate(cast("Mapping[str, object]", described))

    reads = {path.replace("{id:path}", "{id}") for path in ENDPOINTS}
    assert {path for path, methods in described["paths"].items() if "get" in methods} == {*reads, "/grants", "/session"}
    offered = {
        (route.path.removeprefix(PREFIX).replace("{id:path}", "{id}"), method.lower())
        for route in cast("list[Route]", history_routes(store, ManualClock(NOW)))
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert offered <= {(path, method) for path, methods in described["paths"].items() for method in methods}
    assert described == json.loads(json.dumps(document(PREFIX)))


async def test_a_conversation_goes_out_as_it_came_in(http: HttpApi, store: Store) -> None:
    """OTLP/JSON holds every field that was sent: types, nested values, events, links, dropped counts."""
    talk = Talk(unique(), scope="shop")
    span = talk.span("checkout", start=1, end=2, error="no money", flag=True, number=-7, share=0.25, raw=b"\0\xff")
    span.attributes.extend(attributes({"tree": {"list": [1, "two", {"deep": None}]}, "": "empty key"}))
    span.events.add(
        name="tried", time_unix_nano=T0 + SECOND, attributes=attributes({"n": 1}), dropped_attributes_count=3
    )
    span.links.add(trace_id=b"\1" * 16, span_id=b"\2" * 8, trace_state="a=b", attributes=attributes({"why": "retry"}))
    span.trace_state, span.dropped_events_count = "x=y", 2
    talk.log("bot.log", {"nested": [1]}, at=3, severity=13, text="ä")
    sent_spans, sent_logs = ExportTraceServiceRequest(), ExportLogsServiceRequest()
    sent_spans.CopyFrom(talk.spans)
    sent_logs.CopyFrom(talk.logs)
    talk.send(store, received_unix_nano=NOW, times=2)

    answer = (await http.client.get(f"{PREFIX}/conversations/{talk.conversation_id}/trace")).json()
    spans = parse_json("traces", json.dumps({"resourceSpans": answer["resourceSpans"]}).encode())
    logs = parse_json("logs", json.dumps({"resourceLogs": answer["resourceLogs"]}).encode())

    assert json_format.MessageToDict(spans) == json_format.MessageToDict(sent_spans)
    assert json_format.MessageToDict(logs) == json_format.MessageToDict(sent_logs)


async def test_variables_and_path_and_ticket(http: HttpApi, store: Store) -> None:
    """The variables at an instant, the way through the nodes, and a ticket in which nothing runs."""
    talk = Talk(unique())
    talk.log("bot.variable.set", at=1, bot__variable__name="order", bot__variable__new=1)
    talk.node("ask", start=2, end=3)
    talk.log("bot.variable.set", at=4, bot__variable__name="order", bot__variable__new=2, bot__variable__old=1)
    talk.log("bot.message.user", "<b>|`x`", at=5)
    talk.send(store, received_unix_nano=NOW)
    of = f"{PREFIX}/conversations/{talk.conversation_id}"

    then = (await http.client.get(f"{of}/variables", params={"at": T0 + 2 * SECOND})).json()["items"]
    now = (await http.client.get(f"{of}/variables")).json()["items"]
    path = (await http.client.get(f"{of}/path")).json()["items"]
    ticket = (await http.client.get(f"{of}/markdown")).text

    assert [(v["name"], v["value"], v["old"]) for v in (*then, *now)] == [("order", 1, None), ("order", 2, 1)]
    assert [visit["node_id"] for visit in path] == ["ask"]
    assert r"User: \<b\>\|\`x\`" in ticket


async def test_variables_are_whole_however_many_changes_there_are(
    http: HttpApi, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Changes are read a page at a time: one that was set at first and never again is there, and so is the last."""
    monkeypatch.setattr(walk, "PAGE", 3)
    talk = Talk(unique())
    talk.log("bot.variable.set", at=0, bot__variable__name="first", bot__variable__new=1)
    for number in range(7):
        talk.log("bot.variable.set", at=1 + number // 4, bot__variable__name="count", bot__variable__new=number // 4)
    talk.send(store, received_unix_nano=NOW)

    found = (await http.client.get(f"{PREFIX}/conversations/{talk.conversation_id}/variables")).json()["items"]

    assert [(v["name"], v["value"]) for v in found] == [("count", 1), ("first", 1)]


async def test_a_way_that_is_cut_says_so(http: HttpApi, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first node actions, and whether those are all."""
    talk = Talk(unique())
    for number in range(3):
        talk.node(f"node-{number}", start=number, end=number + 0.5)
    talk.send(store, received_unix_nano=NOW)
    of = f"{PREFIX}/conversations/{talk.conversation_id}/path"

    whole = (await http.client.get(of)).json()
    monkeypatch.setattr(walk, "MAX_VISITS", 2)
    cut = (await http.client.get(of)).json()

    assert (len(whole["items"]), whole["is_whole"]) == (3, True)
    assert ([visit["node_id"] for visit in cut["items"]], cut["is_whole"]) == (["node-0", "node-1"], False)


async def test_every_answer_has_its_headers(http: HttpApi) -> None:
    """Pages, answers and refusals alike forbid inline script, sniffing and other hosts."""
    for path in ("/", f"{PREFIX}/conversations", f"{PREFIX}/nothing", "/nothing.js"):
        headers = (await http.client.get(path)).headers

        assert "script-src 'self'" in headers["content-security-policy"], path
        assert "unsafe-inline" not in headers["content-security-policy"], path
        assert headers["x-content-type-options"] == "nosniff", path


async def test_other_sites_may_not_change_anything(http: HttpApi) -> None:
    """A page of another origin is refused; a configured one gets its CORS headers."""
    evil = await http.client.post(f"{PREFIX}/conversations/x/restore", headers={"origin": "https://evil.example"})
    known = await http.client.get(f"{PREFIX}/conversations", headers={"origin": "https://builder.example"})

    assert evil.status_code == 403
    assert known.headers["access-control-allow-origin"] == "https://builder.example"


@pytest.mark.parametrize("path", ["/../pyproject.toml", "/..%2f..%2fpyproject.toml", "/%00", "/pages", "//etc/passwd"])
async def test_only_the_consoles_files_are_served(http: HttpApi, path: str) -> None:
    """No path leads out of the console's folder."""
    response = await http.client.get(path)

    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ("enviroment=x", "did you mean 'environment'"),
        ("limit=0", "from 1 to 200"),
        ("limit=ten", "whole number"),
        ("from=yesterday", "RFC 3339"),
        ("from=9999999999999999999", "RFC 3339"),
        ("from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "after"),
        ("state=gone", "one of live"),
        ("has_error=maybe", "true or false"),
        ("cursor=abc", "cursor"),
        ("bot=a&bot=b", "once"),
        ("q=" + "x" * 201, "at most 200"),
    ],
)
async def test_nonsense_is_told_what_would_be_right(http: HttpApi, query: str, hint: str) -> None:
    """Every malformed parameter gets 400 and a sentence that says what would be right."""
    response = await http.client.get(f"{PREFIX}/conversations?{query}")

    assert response.status_code == 400
    assert hint in response.json()["detail"]
