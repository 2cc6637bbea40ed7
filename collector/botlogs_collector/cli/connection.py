"""The options that every reading command takes: where the service is, who asks, how to answer."""

from collections.abc import Callable
from functools import update_wrapper
from typing import TypeVar, cast

import click

from botlogs_collector.cli.client import DEFAULT_URL, Api

F = TypeVar("F", bound=Callable[..., object])


def connected(command: F) -> F:
    """Add `--url`, `--token` and `--json`; the command gets them as `api: Api` and `as_json: bool`."""

    def run(*, url: str, token: str | None, **options: object) -> object:
        return command(api=Api(url, token), **options)

    wrapped = update_wrapper(run, command)
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for programs."),
        click.option("--token", envvar="BOTLOGS_TOKEN", show_envvar=True, help="Who asks, where the service wants it."),
        click.option("--url", envvar="BOTLOGS_URL", show_envvar=True, default=DEFAULT_URL, show_default=True),
    ):
        wrapped = option(wrapped)
    return cast("F", wrapped)
