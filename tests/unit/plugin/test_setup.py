"""A bot in a process of its own, with the plugin set up by code, by variables, or not at all, over real OTLP."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from otel_botlogs.identity import PUBLIC_KEY, derive
from tests.support.otlp_sink import attributes_of, otlp_sink

BOT = """
import otel_botlogs

with otel_botlogs.conversation("conv-42", channel="web") as conv:
    with conv.turn(user_message="where is my order?") as turn:
        with turn.node("ask", type="prompt") as node:
            node.log("asked")
        turn.reply("What is its id?")
    conv.end()
print("bot done")
"""

DECLARED = """
file_format: "1.0"
resource:
  attributes:
    - {{name: service.name, value: declared}}
    - {{name: deployment.environment.name, value: staging}}
tracer_provider:
  processors: [{{batch: {{exporter: {{otlp_http: {{endpoint: "{endpoint}/v1/traces"}}}}}}}}]
logger_provider:
  processors: [{{batch: {{exporter: {{otlp_http: {{endpoint: "{endpoint}/v1/logs"}}}}}}}}]
"""


def run_bot(
    script: str, environ: dict[str, str] | None = None, *, deadline_s: float = 60
) -> subprocess.CompletedProcess[str]:
    """Run *script* as a bot with no telemetry variables but *environ*."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("OTEL_", "BOTLOGS_"))}
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        env={**clean, **(environ or {})},
        capture_output=True,
        text=True,
        timeout=deadline_s,
        check=False,
    )


def configured(endpoint: str, **more: Any) -> str:
    given = {"bot_id": "support", "environment": "sandbox", "endpoint": endpoint, **more}
    return f"import otel_botlogs\notel_botlogs.configure(**{given!r})\n" + BOT


def test_configured_by_code_everything_arrives_at_exit() -> None:
    """Configured in one line, the conversation is exported over OTLP/HTTP, under its derived trace.

    And nothing is lost at exit.
    """
    with otlp_sink() as sink:
        done = run_bot(configured(sink.endpoint))

    assert (done.returncode, done.stdout) == (0, "bot done\n")
    assert sink.event_names == [
        "bot.conversation.start",
        "bot.message.user",
        "bot.node.enter",
        "bot.log",
        "bot.node.exit",
        "bot.message.bot",
        "bot.conversation.end",
    ]
    assert sorted(span.name for span in sink.spans) == ["ask", "conversation", "turn"]
    derived = derive(PUBLIC_KEY, bot_id="support", environment="sandbox", conversation_id="conv-42")
    traces = {span.trace_id for span in sink.spans} | {log.trace_id for log in sink.logs}
    assert traces == {derived.trace_id.to_bytes(16, "big")}
    assert {span.flags & 0xFF for span in sink.spans} <= {1, 0}  # sampled; never the random flag, 2
    for resource in sink.resources:
        assert resource["deployment.environment.name"] == "sandbox"
        assert resource["service.name"] == "support"


def test_variables_alone_configure() -> None:
    """A bot that imports the plugin and sets only OpenTelemetry's variables is recorded.

    Content is masked by environment.
    """
    with otlp_sink() as sink:
        environ = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint,
            "OTEL_SERVICE_NAME": "shop",
            "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=production",
        }
        done = run_bot(BOT, environ)

    assert (done.returncode, done.stdout) == (0, "bot done\n")
    assert "BOTLOGS_ID_KEY" in done.stderr
    (message,) = (log for log in sink.logs if log.event_name == "bot.message.user")
    assert message.body.string_value.startswith("<masked str len=18")
    assert attributes_of(message.attributes)["bot.id"] == "shop"


def test_declarative_configuration_sets_everything_up(tmp_path: Path) -> None:
    """The file that OTEL_CONFIG_FILE names says which bot it is, where it runs and where to send, and is enough."""
    with otlp_sink() as sink:
        file = tmp_path / "otel.yaml"
        file.write_text(DECLARED.format(endpoint=sink.endpoint))
        done = run_bot(BOT, {"OTEL_CONFIG_FILE": str(file)})

    assert (done.returncode, done.stdout, done.stderr) == (0, "bot done\n", "")
    assert sorted(span.name for span in sink.spans) == ["ask", "conversation", "turn"]
    assert sink.event_names[0] == "bot.conversation.start"
    derived = derive(PUBLIC_KEY, bot_id="declared", environment="staging", conversation_id="conv-42")
    assert {span.trace_id for span in sink.spans} == {derived.trace_id.to_bytes(16, "big")}
    (message,) = (log for log in sink.logs if log.event_name == "bot.message.user")
    assert message.body.string_value == "where is my order?"
    assert attributes_of(message.attributes)["bot.id"] == "declared"


def test_declarative_configuration_that_cannot_be_read_is_told_and_passed_over(tmp_path: Path) -> None:
    """The bot runs as ever, on the plugin's own providers."""
    with otlp_sink() as sink:
        environ = {"OTEL_CONFIG_FILE": str(tmp_path / "none.yaml"), "OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint}
        done = run_bot(BOT, {**environ, "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=sandbox"})

    assert (done.returncode, done.stdout) == (0, "bot done\n")
    assert "OTEL_CONFIG_FILE is not used" in done.stderr
    assert sorted(span.name for span in sink.spans) == ["ask", "conversation", "turn"]


def test_unconfigured_nothing_is_loaded_and_nothing_happens() -> None:
    """Without configuration not even the SDK is imported."""
    done = run_bot(BOT + "import sys; print([name for name in sys.modules if name.startswith('opentelemetry.sdk')])")

    assert (done.returncode, done.stdout, done.stderr) == (0, "bot done\n[]\n", "")


@pytest.mark.parametrize("behaviour", ["garbage", "unavailable", "hang"])
def test_bad_endpoint_does_not_touch_the_bot(behaviour: Any) -> None:
    """An endpoint that answers garbage, refuses or never answers changes neither output nor exit.

    Nor delays it for long.
    """
    with otlp_sink(behaviour) as sink:
        done = run_bot(configured(sink.endpoint, shutdown_timeout_s=1.0), deadline_s=45)

    assert (done.returncode, done.stdout) == (0, "bot done\n")
    assert sink.requests > 0
    assert "Traceback" not in done.stderr


TALKATIVE = """
with otel_botlogs.conversation("c") as conv, conv.turn("hi") as turn:
    for number in range(3000):
        with turn.node("n") as node:
            node.log("a line")
print("talked", flush=True)
sys.stdin.readline()
print("bot done", flush=True)
"""


def test_endpoint_that_never_answers_does_not_hold_the_bot_up() -> None:
    """More than the queues hold is written while the first request waits for its answer, which never comes."""
    setup = (
        "import sys, otel_botlogs\notel_botlogs.configure(bot_id='b', environment='sandbox', shutdown_timeout_s=1)\n"
    )
    with (
        otlp_sink("hang") as sink,
        subprocess.Popen(
            [sys.executable, "-c", setup + TALKATIVE],
            env={**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        ) as bot,
    ):  # fmt: skip
        assert bot.stdout is not None
        talked = bot.stdout.readline()
        waited = sink.wait(lambda sink: sink.requests > 0)
        said, _ = bot.communicate("\n", timeout=60)

        assert talked == "talked\n"
        assert waited
        assert (said, bot.returncode) == ("bot done\n", 0)
        assert sink.answered == 0  # nothing that the bot did, nor its end, waited for an answer


def test_endpoint_that_is_down_does_not_touch_the_bot() -> None:
    """Nobody listens: the bot ends as ever, within the deadline for the rest."""
    with otlp_sink() as sink:
        gone = sink.endpoint
    done = run_bot(configured(gone, shutdown_timeout_s=1.0), deadline_s=45)

    assert (done.returncode, done.stdout) == (0, "bot done\n")


def test_events_arrive_while_the_bot_still_runs_and_survive_its_death() -> None:
    """A process killed in mid-turn has its node, its line and its message on record."""
    script = """
    import os, sys, otel_botlogs
    otel_botlogs.configure(bot_id="support", environment="sandbox")
    conv = otel_botlogs.conversation("c")
    with conv, conv.turn(user_message="hi") as turn, turn.node("slow") as node:
        node.log("working")
        sys.stdin.read(1)
        os._exit(9)
    """
    with otlp_sink() as sink:
        bot = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(script)],
            env={**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint},
            stdin=subprocess.PIPE,
        )
        assert bot.stdin is not None
        arrived = sink.wait(lambda sink: "bot.log" in sink.event_names)
        bot.stdin.write(b"x")
        bot.stdin.close()
        bot.wait(30)

    assert arrived
    assert sink.event_names == ["bot.conversation.start", "bot.message.user", "bot.node.enter", "bot.log"]
    assert sink.spans == []


def test_existing_providers_are_used_and_get_the_missing_environment() -> None:
    """Providers that the bot made stay the global ones and export everything; only a missing environment is added."""
    script = """
    from opentelemetry import trace, _logs
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    own = TracerProvider(resource=Resource({"service.name": "own", "team": "a"}))
    own.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(own)
    import otel_botlogs
    otel_botlogs.configure(bot_id="support", environment="sandbox")
    assert trace.get_tracer_provider() is own
    """
    with otlp_sink() as sink:
        environ = {"OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint}
        done = run_bot(textwrap.dedent(script) + BOT, environ)

    assert done.returncode == 0, done.stderr
    assert len(sink.spans) == 3
    assert len(sink.logs) == 7
    for resource in sink.resources:
        assert (resource["service.name"], resource["team"]) == ("own", "a")
        assert resource["deployment.environment.name"] == "sandbox"


def test_configured_again_the_settings_change_and_nothing_is_lost() -> None:
    """A second configure keeps the first one's providers, says that its endpoint is not used.

    And flushes at shutdown.
    """
    with otlp_sink() as sink:
        script = f"""
import otel_botlogs
otel_botlogs.configure(bot_id="first", environment="sandbox", endpoint={sink.endpoint!r}, log_delay_ms=600000)
otel_botlogs.configure(bot_id="second", endpoint="http://127.0.0.1:9/")
{BOT}
otel_botlogs.shutdown()
import os; os._exit(0)
"""
        done = run_bot(script)

    assert "endpoint='http://127.0.0.1:9/' is not used" in done.stderr
    assert len(sink.logs) == 7
    assert len(sink.spans) == 3
    assert {attributes_of(log.attributes)["bot.id"] for log in sink.logs} == {"second"}


def test_resource_of_an_existing_provider_decides_over_code() -> None:
    """Where code says sandbox and the data will say production, production's masking holds, and it is told."""
    script = """
    from opentelemetry import _logs
    from opentelemetry.sdk._logs import LoggerProvider
    from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    own = LoggerProvider(resource=Resource({"deployment.environment.name": "production"}))
    own.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))
    _logs.set_logger_provider(own)
    import otel_botlogs
    otel_botlogs.configure(bot_id="support", environment="sandbox")
    """
    with otlp_sink() as sink:
        done = run_bot(textwrap.dedent(script) + BOT, {"OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint})

    assert "'production', which holds" in done.stderr
    (message,) = (log for log in sink.logs if log.event_name == "bot.message.user")
    assert message.body.string_value.startswith("<masked")


def test_forked_workers_write_the_same_conversation() -> None:
    """A server that forks its workers after configuring: parent and children export, in one trace."""
    script = """
    import os, otel_botlogs
    otel_botlogs.configure(bot_id="support", environment="sandbox")
    with otel_botlogs.conversation("c") as conv, conv.turn() as turn, turn.node("parent"):
        pass
    children = []
    for number in range(2):
        child = os.fork()
        if child == 0:
            with otel_botlogs.conversation("c") as conv, conv.turn() as turn, turn.node(f"child-{number}") as node:
                node.log("from a child")
            otel_botlogs.shutdown()
            os._exit(0)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
    """
    with otlp_sink() as sink:
        done = run_bot(script, {"OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint})

    assert done.returncode == 0, done.stderr
    nodes = {attributes_of(log.attributes)["bot.node.id"] for log in sink.logs if log.event_name == "bot.node.enter"}
    assert nodes == {"parent", "child-0", "child-1"}
    assert len({log.trace_id for log in sink.logs}) == 1
    assert sink.event_names.count("bot.node.enter") == 3


def test_grpc_without_its_exporter_falls_back_to_http_and_says_so() -> None:
    """A bot that asks for gRPC and has not installed it is recorded all the same."""
    script = "import sys; sys.modules['opentelemetry.exporter.otlp.proto.grpc'] = None\n"
    with otlp_sink() as sink:
        done = run_bot(script + configured(sink.endpoint, protocol="grpc"))

    assert done.returncode == 0, done.stderr
    assert "otel-botlogs[grpc]" in done.stderr
    assert len(sink.logs) == 7


def test_bad_configuration_never_raises() -> None:
    """Nonsense as provider or settings leaves a bot that runs, and one line that says what is wrong."""
    script = (
        "import otel_botlogs\notel_botlogs.configure(tracer_provider=7, logger_provider='x', trace_mode='sideways')\n"
        + BOT
    )
    done = run_bot(script)

    assert (done.returncode, done.stdout) == (0, "bot done\n")
    assert "one of conversation, turn, adopt" in done.stderr
