"""The examples of the plugin's README run as they stand there, and its table of settings is whole."""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from otel_botlogs import semconv
from otel_botlogs.config import Settings
from tests.support.otlp_sink import otlp_sink

README = Path(__file__).parents[2] / "otel_botlogs" / "README.md"
TEXT = README.read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"<!-- example: (\S+) -->\n```python\n(.*?)```", TEXT, re.DOTALL))

RUNTIMES = Path(__file__).parents[1] / "runtimes"
RUN_BY_THEIR_RUNTIMES = re.findall(r"<!-- runtime example: (\S+) -->\n```python\n", TEXT)  # see tests/runtimes


def run(source: str, endpoint: str) -> subprocess.CompletedProcess[str]:
    """Run *source* in a process of its own that sends to *endpoint*."""
    environ = {**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "BOTLOGS_ENVIRONMENT": "sandbox"}
    return subprocess.run(
        [sys.executable, "-c", source], env=environ, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    ("name", "events"),
    [
        (
            "by-hand",
            {"bot.message.user", "bot.node.enter", "bot.log", "bot.nlu", "bot.message.bot", "bot.conversation.end"},
        ),
        ("decorator", {"bot.node.enter", "bot.api", "bot.variable.set", "bot.condition", "bot.message.bot"}),
        ("testing", set[str]()),
    ],
)
def test_example_runs_and_what_it_shows_arrives(name: str, events: set[str]) -> None:
    """Each example runs without an error, and the events that it is about are exported."""
    with otlp_sink() as sink:
        done = run(EXAMPLES[name], sink.endpoint)

    assert done.returncode == 0, done.stderr
    assert events <= set(sink.event_names)


def test_declared_flow_of_the_example_is_published_with_the_first_node() -> None:
    """The flow example together with the first one sends the definition."""
    with otlp_sink() as sink:
        done = run(EXAMPLES["flow"] + EXAMPLES["by-hand"], sink.endpoint)

    assert done.returncode == 0, done.stderr
    assert sink.event_names.count("bot.flow.definition") == 1


def test_every_example_is_run() -> None:
    """No Python block of the README is left out."""
    assert TEXT.count("```python") == len(EXAMPLES) + len(RUN_BY_THEIR_RUNTIMES)
    assert len(EXAMPLES) == 4
    assert all((RUNTIMES / name / "requirements.txt").is_file() for name in RUN_BY_THEIR_RUNTIMES)


def test_every_runtime_has_an_example_and_the_versions_that_are_tested() -> None:
    """The table says from which to which version each runtime is tested, as the tests pin them."""
    table = {row.split("`")[1]: row for row in re.findall(r"^\| .*`botlogs_.*$", TEXT, re.MULTILINE)}
    folders = sorted(path.parent for path in RUNTIMES.glob("*/oldest.txt"))

    assert sorted(RUN_BY_THEIR_RUNTIMES) == [folder.name for folder in folders]
    assert len(table) == len(folders)
    for folder in folders:
        pins = [
            re.match(r"([\w-]+).*==(\S+)", (folder / name).read_text()) for name in ("oldest.txt", "requirements.txt")
        ]
        oldest, latest = (pin for pin in pins if pin is not None)
        assert f"| {oldest[2]} to {latest[2]} |" in table[oldest[1]]


def test_every_setting_is_in_the_table() -> None:
    """A setting that is not documented does not exist."""
    table = TEXT[TEXT.index("## Settings") : TEXT.index("## What is captured")]

    assert [field.name for field in dataclasses.fields(Settings) if f"`{field.name}`" not in table] == []


def test_every_event_kind_is_named_in_semconv() -> None:
    """The table of methods names only events that `semconv` knows, or a short form of one."""
    named = set(re.findall(r"`(bot(?:\.[a-z]+)+)`", TEXT))

    assert {name for name in named if name.startswith("bot.message")} <= semconv.EVENT_NAMES | semconv.ATTRIBUTE_NAMES
