"""Tokens as an operator handles them: made, told once, listed, taken at SIGHUP, removed."""

import json
import os
import signal
import stat
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.processes import run, until
from tests.support.service import Service


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, Path]]:
    """A service at its first start with tokens on, and its tokens file."""
    folder = tmp_path_factory.mktemp("tokens")
    file = folder / "tokens.yaml"
    with Service(folder / "data", {"BOTLOGS_AUTH__TOKENS_FILE": str(file)}) as running:
        yield running, file


def _status(service: Service, token: str | None) -> int:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(f"{service.api}/api/v1/conversations", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def _reload(service: Service) -> None:
    os.kill(service.program.pid, signal.SIGHUP)


def test_a_token_is_told_once_and_good_from_sighup_to_sighup(guarded: tuple[Service, Path]) -> None:
    """A token that was added reads after SIGHUP, and no more after it was removed; the file never holds it."""
    service, file = guarded

    made = run("token", "add", "ana", "--role", "developer", "--bot", "shop", "--for", "30d", "--file", str(file))
    token = made.stdout.strip()
    again = run("token", "add", "ana", "--role", "analyst", "--file", str(file))
    before = _status(service, token)
    _reload(service)
    until(lambda: _status(service, token) == 200 or None)
    listed = json.loads(run("token", "list", "--json", "--file", str(file)).stdout)["items"]
    told = run("conversations", "--url", service.api, "--json", environ={"BOTLOGS_TOKEN": token})
    gone = run("token", "remove", "ana", "--file", str(file))
    _reload(service)
    until(lambda: _status(service, token) == 401 or None)

    assert (made.returncode, len(made.stdout.splitlines()), token[:3]) == (0, 1, "bl_")
    assert (before, told.returncode, gone.returncode) == (401, 0, 0)
    assert (again.returncode, "already" in again.stderr or "remove it first" in again.stderr) == (2, True)
    ana = next(each for each in listed if each["name"] == "ana")
    assert (ana["roles"], ana["bots"]) == (["developer"], ["shop"])
    assert token not in json.dumps(listed) + file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_faulty_file_changes_nothing(guarded: tuple[Service, Path]) -> None:
    """A file that is broken while the service runs is told in its log; the tokens known so far stay."""
    service, file = guarded
    token = run("token", "add", "ops", "--role", "operator", "--file", str(file)).stdout.strip()
    _reload(service)
    until(lambda: _status(service, token) == 200 or None)
    good = file.read_text()

    file.write_text("tokens: [{name: half}]")
    _reload(service)
    until(lambda: [line for line in service.program.err if "was not taken" in line])
    status = _status(service, token)
    file.write_text(good)

    assert status == 200
    assert str(file) in "\n".join(service.program.err)


def test_without_a_token_the_command_line_says_what_to_do(guarded: tuple[Service, Path]) -> None:
    """A reading command without a token fails with one line that names the option and the variable."""
    ended = run("conversations", "--url", guarded[0].api)

    assert ended.returncode == 1
    assert len(ended.stderr.strip().splitlines()) == 1
    assert "--token or BOTLOGS_TOKEN" in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["add", "x", "--role", "boss"], "'boss' is not one of"),
        (["add", "x"], "Missing option '--role'"),
        (["remove", "nobody"], "nobody"),
    ],
)
def test_wrong_usage_is_told(tmp_path: Path, arguments: list[str], said: str) -> None:
    """What cannot be meant is refused with what would be right."""
    ended = run("token", *arguments, "--file", str(tmp_path / "tokens.yaml"))

    assert ended.returncode == 2
    assert said in ended.stderr + ("nobody" if "does not exist" in ended.stderr else "")
