"""Policies and environments change in the running program with its file or on SIGHUP; a faulty one changes nothing."""

import os
import signal
import time
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.support.hold import add_spans
from tests.support.processes import until
from tests.support.service import Service, post

_HELD = "environments: {production: {release_delay: 15m}}\nconversation: {idle_timeout: 200ms}\n"
_SHORT = _HELD.replace("15m", "100ms")
_KEEP_ALL = "tail_sampling: {policies: [{name: all, type: always_sample}]}\n"
_ERRORS = "tail_sampling: {policies: [{name: errors, type: status_code, status_code: {status_codes: [ERROR]}}]}\n"
_FAULTY = "tail_sampling: {policies: [{name: all, type: alwayssample}]}\n"


class _Reloading:
    """A service with a file that a test writes anew."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "botlogs.yaml"
        self.file.write_text(_HELD)
        self.service = Service(folder / "data", {"BOTLOGS_CONFIG": str(self.file)})

    def metric(self, line: str) -> float:
        """Return the value of one line of /metrics, 0 if it is not there."""
        with urllib.request.urlopen(f"{self.service.api}/metrics", timeout=20) as response:
            text = response.read().decode()
        return next((float(each.rsplit(" ", 1)[1]) for each in text.splitlines() if each.startswith(line)), 0.0)

    def becomes(self, text: str, outcome: str = "taken") -> None:
        """Let the file say *text*; return once the service has taken it, or refused it."""
        line = f'botlogs_config_reloads_total{{outcome="{outcome}"}}'
        before = self.metric(line)
        self.file.write_text(text)
        until(lambda: self.metric(line) > before)

    def talk(self, environment: str = "production") -> str:
        """Let a conversation of one span happen; return its id."""
        conversation = f"conv-{uuid.uuid4().hex[:12]}"
        request = ExportTraceServiceRequest()
        add_spans(request, conversation, time.time_ns(), 1, environment=environment)
        status, _, body = post(f"{self.service.http}/v1/traces", request.SerializeToString())
        assert status == 200, body
        return conversation

    def reaches(self, conversation: str, state: str) -> dict[str, Any]:
        """Return the conversation once it is in *state*."""

        def ask() -> dict[str, Any] | None:
            status, found = self.service.get(f"/conversations/{conversation}")
            return found if status == 200 and found["state"] == state else None

        return until(ask)


@pytest.fixture(scope="module")
def reloading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Reloading]:
    """One service for all tests here: each says what its file says."""
    made = _Reloading(tmp_path_factory.mktemp("reload"))
    with made.service:
        yield made


def test_an_environment_is_added_while_running(reloading: _Reloading) -> None:
    """A name that counted as production is an environment of its own, live at once, from the change on."""
    reloading.becomes(_HELD + "# nothing new\n")
    name = f"preview-{uuid.uuid4().hex[:6]}"
    before = reloading.talk(name)
    assert reloading.service.conversation(before)["environment"] == "production"

    reloading.becomes(_HELD.replace("}}", f"}}, {name}: {{release_delay: 0s}}}}", 1))

    after = reloading.reaches(reloading.talk(name), "live")
    assert after["environment"] == name
    assert reloading.service.conversation(before)["environment"] == "production"


def test_a_delay_is_changed_while_running(reloading: _Reloading) -> None:
    """What is held is released by the delay that the file says now."""
    reloading.becomes(_HELD + "# as it was\n")
    conversation = reloading.talk()
    until(lambda: _delay_s(reloading.reaches(conversation, "held")) == 900)

    reloading.becomes(_SHORT)

    released = reloading.reaches(conversation, "released")
    assert _delay_s(released) == 0.1


def _delay_s(conversation: dict[str, Any]) -> float:
    return (int(conversation["available_unix_nano"]) - int(conversation["ended_unix_nano"])) / 1e9


def test_policies_are_changed_while_running(reloading: _Reloading) -> None:
    """What is decided after the change is decided by the new policies, and its receipt says by which."""
    reloading.becomes(_SHORT + _KEEP_ALL)
    kept = reloading.reaches(reloading.talk(), "released")["receipt"]

    reloading.becomes(_SHORT + _ERRORS)

    dropped = reloading.reaches(reloading.talk(), "dropped")["receipt"]
    assert (kept["decided_by"], [vote["policy"] for vote in kept["votes"]]) == ("all", ["all"])
    assert (dropped["decided_by"], [vote["policy"] for vote in dropped["votes"]]) == ("none", ["errors"])
    assert kept["policies_hash"] != dropped["policies_hash"]


@pytest.mark.parametrize(
    ("faulty", "said"),
    [
        (_SHORT + _FAULTY, "tail_sampling.policies[0].type: unknown policy type 'alwayssample'"),
        (_HELD.replace("15m", "soon") + _KEEP_ALL, "environments.production.release_delay"),
        (_SHORT + _ERRORS.replace("status_code: {", "status_code: {{"), "line"),
    ],
    ids=["a policy", "a delay", "not YAML"],
)
def test_a_faulty_file_changes_nothing_and_is_reported(reloading: _Reloading, faulty: str, said: str) -> None:
    """Not even what is right in it is taken: the delay and the policies stay; the log names the place."""
    reloading.becomes(_SHORT + _KEEP_ALL + f"# before {said}\n")

    reloading.becomes(faulty, "refused")

    assert reloading.reaches(reloading.talk(), "released")["receipt"]["decided_by"] == "all"
    until(lambda: any("was not taken" in line and said in line for line in reloading.service.program.err))


def test_sighup_takes_the_file_without_a_change_of_it(reloading: _Reloading) -> None:
    """The signal alone makes the service read its file again."""
    reloading.becomes(_SHORT + "# before the signal\n")
    line = 'botlogs_config_reloads_total{outcome="taken"}'
    before = reloading.metric(line)

    os.kill(reloading.service.program.pid, signal.SIGHUP)

    until(lambda: reloading.metric(line) >= before + 2)  # the tokens, and the file


def test_what_needs_a_restart_is_said(reloading: _Reloading) -> None:
    """Other changed sections are named in the log and change nothing until then."""
    reloading.becomes(_SHORT + "storage: {retention: 90d}\n")

    until(lambda: any("changes to storage need a restart" in line for line in reloading.service.program.err))
