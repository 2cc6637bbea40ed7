"""The root command, and the one place that turns errors into a line and an exit code.

A command's module is loaded when the command is used, and each loads the rest of the service where
it needs it: `botlogs --help` and the reading commands start without a database driver.
"""

import sys
from importlib import import_module
from typing import Final, cast

import click

from botlogs_collector.errors import BotLogsError, ConfigError, StartError

_COMMANDS: Final = {
    "serve": "operate:serve",
    "demo": "demo:demo",
    "check-config": "operate:check_config",
    "migrate": "operate:migrate",
    "ddl": "operate:ddl",
    "conversations": "read:conversations",
    "logs": "read:logs",
    "node": "read:node",
    "tail": "tail:tail",
    "explain": "explain:explain",
    "keep": "keep:keep",
    "restore": "keep:restore",
    "what-if": "keep:what_if",
    "token": "token:token",
    "import": "import_files:import_files",
    "doctor": "doctor:doctor",
    "completion": "completion:completion",
}


class _Commands(click.Group):
    """Finds a command by its name, in the order of the table above."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(":")
        return cast("click.Command", getattr(import_module(f"botlogs_collector.cli.{module}"), name))


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="otel-botlogs", prog_name="botlogs")
def botlogs() -> None:
    """Bot logs: every step of a bot's conversations, live, held, released, explained."""


def main() -> None:
    """Run the command line: exit 0 done, 1 failed, 2 wrong usage."""
    try:
        sys.exit(botlogs.main(prog_name="botlogs", standalone_mode=False) or 0)
    except click.exceptions.Exit as end:
        sys.exit(end.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()  # who read our output has gone (`botlogs tail | head`): no complaint at the exit
        sys.exit(0)
    except (ConfigError, StartError) as error:
        _complain(error)
        sys.exit(2)
    except BotLogsError as error:
        _complain(error)
        sys.exit(1)


def _complain(error: BotLogsError) -> None:
    from botlogs_collector.cli.terminal import one_line

    for line in str(error).splitlines():
        click.echo(f"botlogs: {one_line(line)}", err=True)
