"""`botlogs completion`: the script that makes a shell complete commands and options."""

from typing import cast

import click
from click.shell_completion import get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the completion script of SHELL, to be put into its start-up file.

    For bash: botlogs completion bash >> ~/.bashrc
    """
    maker = get_completion_class(shell)
    assert maker is not None
    root = cast("click.Group", context.find_root().command)
    click.echo(maker(root, {}, "botlogs", "_BOTLOGS_COMPLETE").source())
