"""What is open is read by those who may, by the ways by which the rest is not."""

import pytest

from tests.end_to_end.side_doors.routes import HTTP
from tests.support.guarded import OPEN, Guarded
from tests.support.side_doors import API, OF, READERS, ask

_CONTENT = {"timeline", "stream", "trace", "variables", "variable-changes", "markdown", "logs"}


@pytest.mark.parametrize("state", ["live", "released"])
def test_open_content_is_read_by_those_who_may(service: Guarded, state: str) -> None:
    """The same questions find what may be read: an investigator sees the word, everybody else does not.

    A developer sees it in what is live; an analyst gets it masked; one of another bot gets nothing.
    """
    talk = service.talks[state]

    for name in READERS:
        told: set[str] = set()
        for (method, path), asks in HTTP.items():
            if method == "GET" and "{id" in path:
                answers = (
                    ask(service, method, path, talk.conversation_id, rest, None, name) for rest, _ in asks(talk)[:2]
                )
                told |= {path.rpartition("/")[2]} if any(OPEN in answer for answer in answers) else set()
        may = name == "investigator" or (name, state) == ("developer", "live")
        assert told == (_CONTENT | {"node"} & told if may else set()), name
        assert not may or told >= _CONTENT, name


def test_an_analyst_finds_nothing_by_a_masked_word(service: Guarded) -> None:
    """A search is no way round the mask."""
    released = service.talks["released"].conversation_id

    for name, may in (("investigator", True), ("analyst", False), ("operator", False)):
        listed = ask(service, "GET", f"{API}/conversations", "", f"?q={OPEN[:10]}", None, name)
        logs = ask(service, "GET", f"{OF}/logs", released, f"?q={OPEN[:10]}", None, name)

        assert (released in listed) is may, name
        assert (OPEN in logs) is may, name
