"""`botlogs token`: who may send and read. Works on the tokens file; a running service takes it at SIGHUP."""

from pathlib import Path
from typing import Final

import click

from botlogs_collector.cli.terminal import one_line, print_json, print_table
from botlogs_collector.cli.times import DURATION, show_time
from botlogs_collector.clock import SystemClock
from botlogs_collector.errors import BotLogsError

_ROLES: Final = ("sender", "developer", "analyst", "investigator", "operator")
_file = click.option(
    "--file", "file", type=click.Path(dir_okay=False, path_type=Path), envvar="BOTLOGS_AUTH__TOKENS_FILE",
    show_envvar=True, required=True, help="The tokens file, auth.tokens_file.",
)  # fmt: skip


@click.group()
def token() -> None:
    """Tokens: who may send and read. The file holds hashes; each token is told once, when it is made."""


@token.command("add")
@click.argument("name")
@click.option("--role", "roles", type=click.Choice(_ROLES), multiple=True, required=True, help="May be repeated.")
@click.option("--bot", "bots", multiple=True, help="This bot alone; may be repeated. Without it: all bots.")
@click.option("--for", "lasting", type=DURATION, help="How long it is good, such as 90d. Without it: until removed.")
@_file
def token_add(*, name: str, roles: tuple[str, ...], bots: tuple[str, ...], lasting: int | None, file: Path) -> None:
    r"""Make a token called NAME and print it, this once, on a line of its own.

    \b
    sender        sends OTLP
    developer     reads live environments (sandbox, staging)
    analyst       reads released production, content masked
    investigator  reads everything readable, unmasked; restores; grants
    operator      metrics, receipts, grants and what-ifs; no content
    """
    from botlogs_collector.access.principal import checked_roles
    from botlogs_collector.access.token import make_token
    from botlogs_collector.access.tokens_file import Tokens, load_tokens

    try:
        tokens = load_tokens(file)
    except FileNotFoundError:
        tokens = Tokens()
    if any(each.name == name for each in tokens.by_id.values()):
        raise click.UsageError(f"there is a token called {name!r}; remove it first, or choose another name")
    now_s = SystemClock().now_ns() // 1_000_000_000
    expires = 0 if lasting is None else now_s + lasting // 1_000_000_000
    text, kept = make_token(name, checked_roles(roles), frozenset(bots), now_s=now_s, expires_unix_s=expires)
    _save(file, tokens.with_token(kept))
    click.echo(text)
    click.echo("This is the only time it is shown. A running service knows it after SIGHUP.", err=True)


@token.command("list")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for programs.")
@_file
def token_list(*, file: Path, as_json: bool) -> None:
    """List the tokens: never the tokens themselves."""
    from botlogs_collector.access.tokens_file import load_tokens

    try:
        tokens = load_tokens(file).by_id.values()
    except FileNotFoundError:
        tokens = ()
    if as_json:
        lines = [
            {"id": each.token_id, "name": each.name, "roles": sorted(each.roles), "bots": sorted(each.bots),
             "created_unix_s": each.created_unix_s, "expires_unix_s": each.expires_unix_s or None}
            for each in tokens
        ]  # fmt: skip
        print_json({"items": lines})
        return
    print_table(
        ("id", "name", "roles", "bots", "created", "expires"),
        (
            (each.token_id, each.name, ", ".join(sorted(each.roles)), ", ".join(sorted(each.bots)) or "all",
             _time(each.created_unix_s), _time(each.expires_unix_s) or "never")
            for each in tokens
        ),
        empty="There are no tokens.",
    )  # fmt: skip


@token.command("remove")
@click.argument("name")
@_file
def token_remove(*, name: str, file: Path) -> None:
    """Remove the tokens called NAME, or the one of that id; browser sessions made with it end, too."""
    from botlogs_collector.access.tokens_file import load_tokens

    try:
        tokens, gone = load_tokens(file).without(name)
    except FileNotFoundError:
        raise click.UsageError(f"{file} does not exist") from None
    if not gone:
        raise click.ClickException(f"there is no token {one_line(name)!r} in {file}")
    _save(file, tokens)
    click.echo(f"removed: {one_line(name)}. A running service forgets it at SIGHUP.", err=True)


def _save(file: Path, tokens: object) -> None:
    from botlogs_collector.access.tokens_file import Tokens, save_tokens

    assert isinstance(tokens, Tokens)
    try:
        save_tokens(file, tokens)
    except OSError as error:
        raise BotLogsError(f"{file} cannot be written: {error.strerror}") from None


def _time(unix_s: int) -> str:
    return show_time(unix_s * 1_000_000_000, 0)
