"""The release delay has no side door over HTTP: every route, asked by every role about what may not be read yet.

The lists are held against what the running service offers: a new route fails here until it is listed, and so asked.
"""

import pytest

from tests.end_to_end.side_doors.routes import HTTP
from tests.support.guarded import AUTHORED, HELD, SHUT_ID, Guarded
from tests.support.side_doors import API, CLOSED, READERS, ask, assert_silent


def test_every_route_is_listed(service: Guarded) -> None:
    """The routes of the running applications are those asked below."""
    offered = {(method, path) for routes in service.routes.values() for method, path in routes if method != "HEAD"}

    assert offered == set(HTTP)


@pytest.mark.parametrize("state", CLOSED)
def test_no_route_tells_what_is_closed(service: Guarded, state: str) -> None:
    """Nobody, whatever the role, gets a byte of content or of a node's id: not by answer, header, error or redirect."""
    talk = service.talks[state]

    for name in READERS:
        for (method, path), asks in HTTP.items():
            if method == "POST" and path.endswith("/restore") and (state, name) == ("dropped", "investigator"):
                continue  # it may, and then it is dropped no more
            if "{id" not in path and state != "held":
                continue  # the same whatever the conversation
            identifier = talk.trace if name == "analyst" else talk.conversation_id
            for rest, body in asks(talk):
                answer = ask(service, method, path, identifier, rest, body, name)
                assert_silent(answer, f"{name} {method} {path} {rest} {answer[:200]}", asked=rest)


def test_a_search_does_not_answer_for_what_is_closed(service: Guarded) -> None:
    """Looking for a word, a node, a flow or an event finds what is open and nothing else: no oracle."""
    closed = [service.talks[state].conversation_id for state in CLOSED]

    ids = [f"{key}={word}" for key in ("node", "flow", "tag") for word in (SHUT_ID, AUTHORED)]
    for query in (f"q={HELD[:12]}", f"q={HELD}", *ids):
        found = ask(service, "GET", f"{API}/conversations", "", f"?{query}", None, "investigator")

        assert not [name for name in closed if name in found], query
    assert service.talks["live"].conversation_id in ask(
        service, "GET", f"{API}/conversations", "", f"?node={AUTHORED}", None, "investigator"
    )
