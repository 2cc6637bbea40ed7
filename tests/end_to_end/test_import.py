"""`botlogs import` into the running service: what was written to files is what readers get, once."""

import contextlib
import gzip
import io
import json
import os
import pty
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from botlogs_collector.otlp.json_codec import message_to_json
from tests.support.answering_otlp import answering_otlp
from tests.support.import_cost import cost_of_import, write_lines
from tests.support.processes import BOTLOGS, free_ports, run
from tests.support.sender import Talk
from tests.support.service import Service
from tests.support.store import unique


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One service for all imports of this file."""
    with Service(tmp_path_factory.mktemp("service") / "data") as running:
        yield running


def _import(tmp_path: Path, url: str, *arguments: str) -> tuple[int, dict[str, Any], str]:
    """Return the exit code, the JSON answer and what was said beside it."""
    ended = run("import", "--json", "--url", url, *arguments, environ={"XDG_STATE_HOME": str(tmp_path / "state")})
    return ended.returncode, json.loads(ended.stdout), ended.stderr


def _conversation(conversation: str) -> list[str]:
    """Two turns of a conversation, as the file exporter writes it."""
    talk = Talk(conversation)
    for turn in (1, 2):
        node = talk.node("ask", start=turn, end=turn + 0.5, turn=turn)
        talk.log("bot.message.user", f"message {turn}", at=turn, span=node, bot__turn__index=turn)
    return [json.dumps(message_to_json(message)) for message in (talk.spans, talk.logs)]


def test_a_file_of_the_file_exporter_is_read_back_once(service: Service, tmp_path: Path) -> None:
    """Sent twice, shown once; the bad line between is told by its number and is exit code 1."""
    conversation = unique()
    spans, logs = _conversation(conversation)
    file = tmp_path / "telemetry.jsonl.gz"
    file.write_bytes(gzip.compress(f"{spans}\nnot json\n{logs}\n".encode()))

    first = _import(tmp_path, service.http, str(file))
    timeline = service.get(f"/conversations/{conversation}/timeline")[1]["items"]
    again = _import(tmp_path, service.http, str(file), "--from-line", "1")

    assert (first[0], again[0]) == (1, 1)
    assert f"{file}: line 2: not JSON" in first[2]
    (result,) = first[1]["files"]
    assert (result["spans"], result["log_records"], result["skipped"]) == (2, 6, 1)
    assert service.get(f"/conversations/{conversation}/timeline")[1]["items"] == timeline
    lines = service.get(f"/conversations/{conversation}/logs")[1]["items"]
    assert [line["body"] for line in lines if line["event_name"] == "bot.message.user"] == ["message 1", "message 2"]


def test_a_trace_of_jaeger_is_a_conversation(service: Service, tmp_path: Path) -> None:
    """Its tags are found, its logs are log events, its parent is kept; the environment is set on the way."""
    conversation, trace = unique(), unique().encode().hex()[:32].rjust(32, "1")
    child = {"refType": "CHILD_OF", "traceID": trace, "spanID": "a1"}
    names = [
        {"key": "gen_ai.conversation.id", "type": "string", "value": conversation},
        {"key": "bot.node.id", "type": "string", "value": "ask"},
    ]
    asked = [{"key": "event", "type": "string", "value": "asked"}]
    spans = [
        {
            "traceID": trace, "spanID": f"a{number}", "operationName": "node", "processID": "p1", "tags": names,
            "startTime": 1_790_000_000_000_000 + number, "duration": 10, "references": [child] if number > 1 else [],
            "logs": [{"timestamp": 1_790_000_000_000_005, "fields": asked}],
        }
        for number in (1, 2)
    ]  # fmt: skip
    file = tmp_path / "jaeger.json"
    file.write_text(
        json.dumps({"data": [{"traceID": trace, "spans": spans, "processes": {"p1": {"serviceName": "x"}}}]})
    )

    code, answer, _ = _import(tmp_path, service.http, str(file), "--environment", "sandbox")

    found = service.conversation(conversation)
    assert (code, answer["files"][0]["spans"]) == (0, 2)
    assert (found["environment"], found["log_events"], found["trace_id"]) == ("sandbox", 2, trace)
    document = service.get(f"/conversations/{conversation}/trace")[1]
    read = document["resourceSpans"][0]["scopeSpans"][0]["spans"]
    assert sorted(span.get("parentSpanId", "") for span in read) == ["", "a1".rjust(16, "0")]


def test_nobody_listening_is_told_with_the_way_on(tmp_path: Path) -> None:
    """Exit 1; the line that was not sent is sent by the next run."""
    file = tmp_path / "telemetry.jsonl"
    file.write_text("\n".join(_conversation(unique())))
    url = f"http://127.0.0.1:{free_ports(1)[0]}"

    code, answer, _ = _import(tmp_path, url, str(file), "--patience", "0")

    assert code == 1
    assert f"nothing answers at {url}" in answer["files"][0]["stopped"]


def test_a_terminal_sees_how_far_it_is(tmp_path: Path) -> None:
    """A bar while it runs, bad lines above it, one line at the end."""
    file = tmp_path / "telemetry.jsonl"
    file.write_text("oops\n" + "\n".join(_conversation(unique())))
    ours, theirs = pty.openpty()
    with answering_otlp() as endpoint, open(ours, "rb", buffering=0) as terminal:  # noqa: PTH123 - no path
        command = [*BOTLOGS, "import", str(file), "--url", endpoint.url]
        environ = {**os.environ, "XDG_STATE_HOME": str(tmp_path), "TERM": "xterm", "COLUMNS": "300"}
        with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environ) as program:
            os.close(theirs)
            shown = _all_of(terminal)

    assert program.returncode == 1
    assert "telemetry.jsonl: line 1: not JSON" in shown
    assert "━" in shown
    assert "2 spans and 6 log records sent, of 3 lines; 1 line skipped" in shown


def _all_of(terminal: io.FileIO) -> str:
    """A terminal whose program has gone is an error to read, on Linux."""
    parts: list[bytes] = []
    with contextlib.suppress(OSError):
        while part := terminal.read(65536):
            parts.append(part)
    return b"".join(parts).decode()


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """40 MB in ten thousand lines take a few megabytes more than a hundred (bench: a hundred thousand lines)."""
    few, many = tmp_path / "few.jsonl", tmp_path / "many.jsonl"
    write_lines(few, 100, text_bytes=4000)
    write_lines(many, 10_000, text_bytes=4000)

    assert cost_of_import(many).peak_mib < cost_of_import(few).peak_mib + 15
