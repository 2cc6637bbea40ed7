"""Where tokens are on: the first login, the session in a cookie that no script reads, the way out."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from botlogs_collector.access.principal import checked_roles
from botlogs_collector.access.token import make_token
from botlogs_collector.access.tokens_file import load_tokens, save_tokens
from tests.console.axe import violations
from tests.console.conftest import Visits, watched
from tests.console.running_service import RunningService
from tests.console.steps import told


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningService, str]]:
    """A service at its first start with tokens on, and the address that it says to log in at."""
    folder = tmp_path_factory.mktemp("guarded")
    running = RunningService(folder, more_config=f'auth: {{tokens_file: "{folder / "tokens.yaml"}"}}\n')
    running.start()
    address = running.next_line().strip().rpartition(" ")[2]
    running.stop()  # a token for a sender joins the one of the first start
    running.sends_as, kept = make_token("bot", checked_roles(["sender"]), now_s=0)
    file = folder / "tokens.yaml"
    save_tokens(file, load_tokens(file).with_token(kept))
    running.start()
    yield running, address
    running.stop()


@pytest.fixture
def guarded(browser: Browser, first: tuple[RunningService, str]) -> Iterator[Visits]:
    """Open pages of the guarded service; none may violate its policy."""
    with watched(browser, first[0].url) as visits:
        yield visits


@pytest.mark.browser
def test_the_first_address_logs_in(
    guarded: Visits, first: tuple[RunningService, str], new_id: Callable[[str], str]
) -> None:
    """The address told at the first start opens the console; the token leaves the address and no script reads it."""
    service, address = first
    story = told(new_id("guarded"))
    service.hear(story)

    page = guarded.open(address)

    expect(page.get_by_role("link", name=story.conversation)).to_be_visible()
    expect(page.get_by_text("first-start")).to_be_visible()
    assert "bl_" not in page.url
    assert page.evaluate("document.cookie + JSON.stringify({...localStorage, ...sessionStorage})").count("bl_") == 0
    (cookie,) = page.context.cookies()
    facts = cookie.get("name"), cookie.get("httpOnly"), cookie.get("sameSite")
    assert facts == ("botlogs_session", True, "Strict")
    page.get_by_role("link", name=story.conversation).click()
    expect(page.get_by_role("grid", name="Timestamps")).to_be_visible()


@pytest.mark.browser
def test_without_a_session_a_token_is_asked_for(guarded: Visits, first: tuple[RunningService, str]) -> None:
    """A stranger sees an accessible form alone; a wrong token is told, the right one opens, logging out closes."""
    guarded.tolerate("401")
    token = first[1].partition("#")[2]
    page = guarded.open("/index.html")
    expect(page.get_by_label("Token")).to_be_visible()
    assert violations(page) == []

    page.get_by_label("Token").fill("bl_nonsense")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("not known")
    page.get_by_label("Token").fill(token)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    page.get_by_role("button", name="Log out").click()

    expect(page.get_by_label("Token")).to_be_visible()
    assert page.context.cookies() == []


def _ask(url: str, method: str, headers: Mapping[str, str], body: bytes | None = None) -> tuple[int, str]:
    request = urllib.request.Request(url, body, dict(headers), method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.headers.get("set-cookie") or ""
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@pytest.mark.parametrize(
    ("from_where", "status"),
    [
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://["}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "same-origin"}, 404),
        ({}, 404),
    ],
)
def test_other_sites_change_nothing_with_a_session(
    first: tuple[RunningService, str], from_where: dict[str, str], status: int
) -> None:
    """A request of another site is refused though the browser sent the cookie along."""
    service, address = first
    token = address.partition("#")[2].encode()
    body = b'{"token": "' + token + b'"}'
    _, cookie = _ask(f"{service.url}/api/v1/session", "POST", {"content-type": "application/json"}, body)
    headers = {"cookie": cookie.partition(";")[0], **from_where}

    answered, _ = _ask(f"{service.url}/api/v1/conversations/nobody/restore", "POST", headers)

    assert answered == status


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/", "/login", "/api/v1/openapi.json", "/api/v1/session"])
def test_what_anybody_may_ask(first: tuple[RunningService, str], path: str) -> None:
    """Probes, the pages' own files and the description need no token: they say nothing of anybody."""
    assert _ask(f"{first[0].url}{path}", "GET", {})[0] == 200


def test_metrics_take_an_operator(first: tuple[RunningService, str]) -> None:
    """On both HTTP ports metrics are an operator's."""
    service, address = first
    token = {"authorization": f"Bearer {address.partition('#')[2]}"}

    for base in (service.url, f"http://127.0.0.1:{service.ports['otlp_http']}"):
        assert _ask(f"{base}/metrics", "GET", {})[0] == 401
        assert _ask(f"{base}/metrics", "GET", {"authorization": f"Bearer {service.sends_as}"})[0] == 403
        assert _ask(f"{base}/metrics", "GET", token)[0] == 200


def test_the_tokens_file_is_the_owners(first: tuple[RunningService, str]) -> None:
    """The first start makes the file readable by its owner alone, without the token that it told."""
    file: Path = first[0].folder / "tokens.yaml"

    assert oct(file.stat().st_mode)[-3:] == "600"
    assert first[1].partition("#")[2] not in file.read_text()
    assert json.dumps([token.name for token in load_tokens(file).by_id.values()]) == '["first-start", "bot"]'
