"""The release delay has no side door on the command line: every command.

The lists are held against what the running service offers: a new command fails here until it is listed, and so asked.
"""

from collections.abc import Callable, Iterator
from typing import cast

import click
from click.testing import CliRunner

from botlogs_collector.cli.main import botlogs
from botlogs_collector.clock import SystemClock
from tests.support.guarded import HELD, OPEN, Guarded
from tests.support.processes import Program, until
from tests.support.sender import SECOND, T0, Talk
from tests.support.side_doors import CLOSED, assert_silent

_AT = str(T0 + SECOND)
# Every command: how it is asked about a conversation, or why it reads none.
CLI: dict[str, Callable[[Guarded, Talk], list[list[str]]] | str] = {
    "serve": "runs the service", "demo": "runs a service of its own", "check-config": "reads a file",
    "migrate": "changes the schema", "ddl": "prints the schema", "completion": "prints a script",
    "token add": "writes the tokens file", "token list": "reads the tokens file", "token remove": "writes it",
    "import": "sends a file", "keep add": "takes and gives nothing", "keep remove": "takes and gives nothing",
    "what-if": "asked over HTTP above", "restore": "opens it: asked over HTTP above",
    "conversations": lambda _, talk: [[], ["--json"], ["--search", HELD[:12]]],
    "logs": lambda _, talk: [[talk.conversation_id], [talk.trace, "--at", str(T0)], [talk.conversation_id, "--json"]],
    "node": lambda _, talk: [[talk.conversation_id, "--at", _AT], [talk.conversation_id, "--at", _AT, "--json"]],
    "tail": lambda _, talk: [["--conversation", talk.conversation_id]],
    "explain": lambda _, talk: [[talk.conversation_id], [talk.conversation_id, "--json"]],
    "keep list": lambda _, talk: [[], ["--json"]],
    "doctor": lambda service, _: [
        ["--otlp-http", service.otlp_url, "--otlp-grpc", f"127.0.0.1:{service.ports['otlp_grpc']}",
         "--api-grpc", f"127.0.0.1:{service.ports['grpc']}"],
    ],
}  # fmt: skip


def _commands(group: click.Group, names: tuple[str, ...] = ()) -> Iterator[str]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _commands(command, (*names, name))
        else:
            yield " ".join((*names, name))


def test_every_command_is_listed() -> None:
    """The command line offers what is asked below, or what reads no conversation."""
    assert set(_commands(cast("click.Group", botlogs))) == set(CLI)


def test_no_command_tells_what_is_closed(service: Guarded) -> None:
    """Tables, JSON and complaints of every reading command are silent about it."""
    for state in CLOSED:
        talk = service.talks[state]
        for command, asks in CLI.items():
            if isinstance(asks, str):
                continue
            for name in ("investigator", "nobody"):
                for arguments in asks(service, talk) if name == "investigator" else asks(service, talk)[:1]:
                    shown = ["--token", service.tokens[name]] if name in service.tokens else []
                    line = [*command.split(), *arguments, "--url", service.url, *shown]
                    result = CliRunner().invoke(botlogs, line)
                    assert_silent(f"{result.output}{result.exception}", f"{state} {name} {command}")
                    assert isinstance(result.exception, SystemExit | None) or "Usage" not in str(result.exception)


def test_tail_of_everything_follows_what_is_live_alone(service: Guarded) -> None:
    """`botlogs tail` shows a live line that comes, and none of those that came to the hold meanwhile."""
    program = Program("tail", "--url", service.url, environ={"BOTLOGS_TOKEN": service.tokens["investigator"]})
    live, held = Talk("tailed-live", environment="sandbox"), Talk("tailed-held", environment="production")

    def shown() -> str | None:
        for talk in (held, live):
            at = (SystemClock().now_ns() - T0) / SECOND
            talk.log("bot.message.user", f"{HELD if talk is held else OPEN} now", at=at)
            service.send(talk)
            talk._clear()
        return next((line for line in program.out if OPEN in line), None)

    try:
        until(shown)
    finally:
        program.stop(9)

    assert_silent("\n".join((*program.out, *program.err)), "tail")
