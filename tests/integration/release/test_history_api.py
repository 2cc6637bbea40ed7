"""Restores, grants and what-ifs as a program outside asks for them."""

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.testclient import TestClient

from botlogs_collector.access.http_door import Doors, HttpDoor
from botlogs_collector.errors import BotLogsError
from botlogs_collector.query.access import Access
from botlogs_collector.query.history import HistoryApi
from botlogs_collector.query.pool import StorePool
from botlogs_collector.query.problems import problem
from botlogs_collector.store.conversations import Conversations
from tests.support.guards import open_guard
from tests.support.hold import HOUR, World, new_id
from tests.support.policies import policy_set

DELAY_S = 15 * 60


async def _refuse(_request: Request, error: Exception) -> Response:
    status, headers, body = problem(error)
    return Response(body, status, headers)


def _turn_away(_request: Request, error: Exception) -> Response:
    status, headers, body = problem(error)
    return Response(body, status, headers)


@pytest.fixture
def api(world: World) -> Iterator[TestClient]:
    """Return a client of the history routes over a world that drops everything without errors."""
    world.policies = policy_set("policies: [{name: e, type: status_code, status_code: {status_codes: [ERROR]}}]")
    access = Access(Conversations(world.database), StorePool(), world.clock)
    routes = HistoryApi(world.history, world.what_if, access, "/api/v1").routes()
    door = Middleware(HttpDoor, guard=open_guard(), doors=Doors(closed={"/": None}), refuse=_turn_away)
    app = Starlette(routes=routes, middleware=[door], exception_handlers={BotLogsError: _refuse})
    with TestClient(app) as client:
        yield client


def test_a_dropped_conversation_is_restored_by_one_call(world: World, api: TestClient) -> None:
    """POST restore answers 202, and after the next round the conversation is readable and `restored`."""
    conversation = new_id()
    world.spans(conversation, 2)
    world.end(conversation)
    world.after(DELAY_S)

    answer = api.post(f"/api/v1/conversations/{conversation}/restore", json={"by": "ana", "reason": "ticket"})
    world.after(2)

    assert answer.status_code == 202
    assert answer.json()["state"] == "restored"
    assert (world.state(conversation), world.visible_spans(conversation)) == ("restored", 2)


def test_grants_are_made_listed_and_revoked(world: World, api: TestClient) -> None:
    """A grant has the shape of the interface, and is gone from the list once revoked."""
    until = str(world.clock.now_ns() + HOUR)
    body = {"scope": {"bot_id": new_id("bot")}, "until": until, "reason": "launch week", "by": "ana"}

    made = api.post("/api/v1/grants", json=body)
    listed = api.get("/api/v1/grants").json()["items"]
    gone = api.delete(f"/api/v1/grants/{made.json()['grant_id']}")

    assert made.status_code == 201
    assert {key: made.json()[key] for key in body} == body
    assert made.json() in listed
    assert gone.status_code == 204
    assert made.json() not in api.get("/api/v1/grants").json()["items"]


def test_a_grant_without_an_end_holds_for_good(world: World, api: TestClient) -> None:
    """A grant may name no end; it covers conversations until it is revoked."""
    user = new_id("user")
    api.post("/api/v1/grants", json={"scope": {"user_id": user}, "reason": "staff", "by": "ana"})
    conversation = new_id()
    world.spans(conversation, user__id=user)
    world.end(conversation)

    world.after(DELAY_S)

    assert world.visible_spans(conversation) == 1


def test_what_if_reports_in_the_shape_of_the_interface(world: World, api: TestClient) -> None:
    """Changed policies are replayed over the hold; the report has every field that is promised."""
    world.spans(new_id(), 2)
    world.clock.advance(45 * 60)

    report = api.post(
        "/api/v1/policies/what-if", json={"policies": [{"name": "all", "type": "always_sample"}], "since": "24h"}
    ).json()

    assert set(report) == {
        "conversations", "kept", "kept_bytes", "bytes", "by_policy", "by_bot", "lost_with_errors",
        "lost_with_errors_total", "examples", "examples_total",
    }  # fmt: skip
    assert (report["conversations"], report["kept"]) == (1, 1)


@pytest.mark.parametrize(
    "file",
    [
        "tail_sampling: {policies: [{name: all, type: always_sample}]}",
        "policies: [{name: all, type: always_sample}]",
        "- {name: all, type: always_sample}",
        "processors: {tail_sampling/bots: {decision_wait: 10s, policies: [{name: all, type: always_sample}]}}",
        "receivers: {}\nprocessors: {tail_sampling: {policies: [{name: all, type: always_sample}]}}",
    ],
)
def test_what_if_takes_a_policy_file_as_it_is(world: World, api: TestClient, file: str) -> None:
    """The text of a file of ours or of an OpenTelemetry collector's is as good as the list in it."""
    world.spans(new_id(), 2)
    world.clock.advance(45 * 60)

    report = api.post("/api/v1/policies/what-if", json={"policy_file": file, "since": "24h"})

    assert report.status_code == 200, report.text
    assert report.json()["by_policy"][0]["name"] == "all"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "problem_text"),
    [
        ("POST", "/api/v1/conversations/nobody/restore", {}, 404, "no receipt"),
        ("POST", "/api/v1/grants", {"scope": {}, "until": "9000000000000000000", "reason": "r"}, 400, "needs a scope"),
        ("POST", "/api/v1/grants", {"scope": {"bot": "x"}, "until": "9000000000000000000"}, 400, "unknown scope 'bot'"),
        ("POST", "/api/v1/grants", {"scope": {"bot_id": "x"}, "until": "soon"}, 400, "until must be RFC 3339"),
        ("POST", "/api/v1/grants", {"scope": {"bot_id": "x"}}, 400, "needs a reason"),
        (
            "POST",
            "/api/v1/policies/what-if",
            {"policies": [{"name": "a", "type": "latncy"}]},
            400,
            "did you mean 'latency'",
        ),
        ("POST", "/api/v1/policies/what-if", {"since": "yesterday"}, 400, "is not a duration"),
        ("POST", "/api/v1/policies/what-if", {"polices": []}, 400, "unknown field 'polices'"),
        ("POST", "/api/v1/policies/what-if", {"policy_file": "a: ["}, 400, "is not YAML"),
        ("POST", "/api/v1/policies/what-if", {"policy_file": "a: &a [1]\nb: *a"}, 400, "YAML aliases"),
        ("POST", "/api/v1/policies/what-if", {"policy_file": "exporters: {}"}, 400, "has no policies"),
        ("POST", "/api/v1/policies/what-if", {"policy_file": "policies: []", "policies": []}, 400, "not both"),
        ("DELETE", "/api/v1/grants/none", None, 404, "no grant"),
    ],
)
def test_what_cannot_be_done_is_said(
    api: TestClient, method: str, path: str, body: object, status: int, problem_text: str
) -> None:
    """Every wrong request is answered by a problem that names what is wrong."""
    answer = api.request(method, path, json=body) if body is not None else api.request(method, path)

    assert answer.status_code == status
    assert problem_text in answer.json()["detail"]


def test_a_foreign_form_cannot_restore(api: TestClient) -> None:
    """A body that is not application/json is refused: a form of another site can send nothing else."""
    answer = api.post("/api/v1/conversations/x/restore", data={"by": "eve"})

    assert answer.status_code == 400
    assert "application/json" in answer.json()["detail"]
