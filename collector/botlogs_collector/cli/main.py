"""The root command, and the one place that turns errors into a line and an exit code."""

import sys

import click

from botlogs_collector.cli.demo import demo
from botlogs_collector.cli.operate import check_config, ddl, migrate, serve
from botlogs_collector.errors import BotLogsError, ConfigError, StartError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="otel-botlogs", prog_name="botlogs")
def botlogs() -> None:
    """Bot logs: every step of a bot's conversations, live, held, released, explained."""


for command in (serve, demo, check_config, migrate, ddl):
    botlogs.add_command(command)


def main() -> None:
    """Run the command line: exit 0 done, 1 failed, 2 wrong usage."""
    try:
        botlogs.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except (ConfigError, StartError) as error:
        for line in str(error).splitlines():
            click.echo(f"botlogs: {line}", err=True)
        sys.exit(2)
    except BotLogsError as error:
        click.echo(f"botlogs: {error}", err=True)
        sys.exit(1)
