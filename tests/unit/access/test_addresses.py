"""Which addresses are this machine's own, and what others may not ask it for."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from botlogs_collector.access.addresses import KnownHosts, is_loopback, refuse_strangers
from botlogs_collector.config.settings import Endpoint, Settings
from botlogs_collector.errors import StartError


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.8.9.1", "localhost", "LOCALHOST", "[::1]", "::1", "a.localhost", "localhost."]
)
def test_loopback_is_this_machine(host: str) -> None:
    """Names and addresses that only this machine reaches."""
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "", "10.0.0.1", "localhost.evil.example", "127.0.0.1.evil.example", "0"]
)
def test_everything_else_is_not(host: str) -> None:
    """What others may reach, however it looks."""
    assert not is_loopback(host)


@given(st.text())
def test_no_host_breaks_it(host: str) -> None:
    """Whatever stands there is judged, not raised at."""
    assert is_loopback(host) in (True, False)


def test_a_port_for_others_needs_tokens() -> None:
    """Without tokens a port on another address is refused, with the way out."""
    refuse_strangers(Settings().endpoints())

    with pytest.raises(StartError, match=r"^api.grpc: 0\.0\.0\.0:8081 .*auth\.tokens_file.*127\.0\.0\.1"):
        refuse_strangers({**Settings().endpoints(), "api.grpc": Endpoint(endpoint="0.0.0.0:8081")})


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8080", 200),
        ("localhost", 200),
        ("[::1]:8080", 200),
        ("logs.example", 200),
        ("evil.example", 421),
        ("evil.example:8080", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost@evil.example", 421),
        ("[::1", 421),
    ],
)
def test_a_page_that_took_our_address_is_refused(host: str, status: int) -> None:
    """DNS rebinding: the Host header still says whose page it is."""

    async def page(_request: object) -> PlainTextResponse:
        await asyncio.sleep(0)
        return PlainTextResponse("secret")

    app = KnownHosts(Starlette(routes=[Route("/", page)]), ("logs.example",))

    answer = TestClient(app).get("/", headers={"host": host})

    assert answer.status_code == status
    assert ("secret" in answer.text) is (status == 200)
