"""Commands for a complete history: keep (grants), restore and what-if."""

import getpass
import threading
from pathlib import Path
from typing import cast

import click

from botlogs_collector.cli.client import Api, Json, path_of
from botlogs_collector.cli.connection import connected
from botlogs_collector.cli.progress import progress_option, steps
from botlogs_collector.cli.terminal import console, one_line, print_json, print_table
from botlogs_collector.cli.times import DURATION, TIME, show_time
from botlogs_collector.clock import SystemClock

_SECOND_NS = 1_000_000_000
_POLL_S = 0.5
_SCOPES = {
    "bot": "bot_id",
    "conversation": "conversation_id",
    "user": "user_id",
    "node": "node_id",
    "environment": "environment",
}


@click.group()
def keep() -> None:
    """Standing orders (grants) to keep everything of a bot, conversation, user, node or environment."""


@keep.command("add")
@click.option("--bot", help="Everything of this bot.")
@click.option("--conversation", help="This conversation.")
@click.option("--user", help="Everything of this user (the id as sent: a keyed hash by default).")
@click.option("--node", help="Everything that visits this node.")
@click.option("--environment", help="Everything in this environment.")
@click.option("--from", "since", type=TIME, help="From now without it.")
@click.option("--until", type=TIME, help="When it ends; this or --for.")
@click.option("--for", "lasting", type=DURATION, help="How long it lasts, such as 30d; this or --until.")
@click.option("--reason", required=True, help="Why; it is on record.")
@click.option("--by", default=getpass.getuser, show_default="you", help="Who orders it; it is on record.")
@connected
def keep_add(
    *,
    api: Api,
    as_json: bool,
    since: int | None,
    until: int | None,
    lasting: int | None,
    reason: str,
    by: str,
    **scopes: str | None,
) -> None:
    """Order that everything of a scope is kept, whatever the policies say. What is given of a scope must all match."""
    scope = {_SCOPES[name]: value for name, value in scopes.items() if value}
    if not scope:
        raise click.UsageError("say what to keep: --bot, --conversation, --user, --node or --environment")
    if (until is None) == (lasting is None):
        raise click.UsageError("a standing order must end: give one of --until and --for")
    ends = until if lasting is None else (since or SystemClock().now_ns()) + lasting
    body: Json = {"scope": scope, "reason": reason, "by": by, "until": str(ends)}
    body |= {} if since is None else {"from": str(since)}
    made = api.send("POST", "/grants", body)
    if as_json:
        print_json(made)
    else:
        click.echo(f"granted until {_time(made, 'until')}: {one_line(made.get('grant_id'))}")


@keep.command("list")
@connected
def keep_list(*, api: Api, as_json: bool) -> None:
    """List the standing orders."""
    found = cast("list[Json]", api.get("/grants").get("items") or [])
    if as_json:
        print_json({"items": found})
        return
    print_table(
        ("id", "keeps", "from", "until", "reason", "by"),
        (
            (
                one.get("grant_id"),
                _scope(one),
                _time(one, "from"),
                _time(one, "until"),
                one.get("reason"),
                one.get("by"),
            )
            for one in found
        ),
        empty="There are no standing orders.",
    )


@keep.command("remove")
@click.argument("grant")
@connected
def keep_remove(*, api: Api, as_json: bool, grant: str) -> None:
    """Withdraw the standing order GRANT; what it kept stays."""
    gone = api.send("DELETE", f"/grants/{grant}")
    if as_json:
        print_json(gone)
    else:
        click.echo(f"withdrawn: {one_line(grant)}")


@click.command()
@click.argument("conversation")
@click.option("--reason", default="", help="Why; it is on record.")
@click.option("--by", default=getpass.getuser, show_default="you", help="Who asks; it is on record.")
@click.option("--wait", type=DURATION, default="60s", show_default=True, help="How long to wait until it is there.")
@progress_option
@connected
def restore(
    *, api: Api, as_json: bool, conversation: str, reason: str, by: str, wait: int, wanted: bool | None
) -> None:
    """Bring the dropped CONVERSATION back, while the hold still has it."""
    answer = api.send("POST", path_of(conversation, "/restore"), {"reason": reason, "by": by})
    is_there = _await_restored(api, conversation, wait / _SECOND_NS, wanted=wanted)
    if as_json:
        print_json(answer)
    elif is_there:
        click.echo(f"{one_line(conversation)} is restored: botlogs logs {one_line(conversation)}")
    else:
        click.echo(f"{one_line(conversation)} is being restored; when it is: botlogs explain {one_line(conversation)}")


def _await_restored(api: Api, conversation: str, wait_s: float, *, wanted: bool | None) -> bool:
    """Whether it can be read within *wait_s*; says meanwhile what is on its way."""
    clock, pause = SystemClock(), threading.Event()
    deadline_s = clock.monotonic_s() + wait_s
    with steps("restoring", wanted=wanted) as told:
        while True:
            facts = api.get(path_of(conversation))
            what = f"{facts.get('spans')} spans and {facts.get('log_events')} log events"
            is_there = facts.get("state") in ("restored", "released", "live")
            told(int(is_there), 1, what)
            if is_there or clock.monotonic_s() >= deadline_s:
                return is_there
            pause.wait(min(_POLL_S, max(0.0, deadline_s - clock.monotonic_s())))


@click.command("what-if")
@click.option(
    "--policies",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="YAML: the service's configuration, an OpenTelemetry collector's, or what is under tail_sampling in either.",
)
@click.option("--since", default="24h", show_default=True, help="How far to look back into the hold.")
@connected
def what_if(*, api: Api, as_json: bool, policies: Path, since: str) -> None:
    """Say what a changed set of policies would have kept and dropped of what is still held."""
    body: Json = {"policy_file": _text(policies), "since": since}
    with console(stderr=True).status("asking what the policies would have done …"):
        effect = api.send("POST", "/policies/what-if", body)
    if as_json:
        print_json(effect)
        return
    click.echo(
        f"Of {effect.get('conversations')} conversations, {effect.get('kept')} would be kept: "
        f"{effect.get('kept_bytes')} of {effect.get('bytes')} bytes."
    )
    lost, changed = effect.get("lost_with_errors_total"), effect.get("examples_total")
    click.echo(f"{lost} with errors would be lost; {changed} would be decided otherwise than they were.")
    for title, key in (
        ("By policy", "by_policy"),
        ("By bot", "by_bot"),
        ("Dropped with errors", "lost_with_errors"),
        ("Examples", "examples"),
    ):
        rows = cast("list[object]", effect.get(key) or [])
        if rows:
            click.echo(f"\n{title}")
            _print_rows(rows)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"--policies: {path} cannot be read: {one_line(error)}") from None


def _print_rows(rows: list[object]) -> None:
    if all(isinstance(row, dict) for row in rows):
        dicts = cast("list[Json]", rows)
        columns = list(dict.fromkeys(key for row in dicts for key in row))
        print_table(columns, ([row.get(column) for column in columns] for row in dicts), empty="")
    else:
        for row in rows:
            click.echo(f"  {one_line(row)}")


def _scope(grant: Json) -> str:
    return ", ".join(f"{key} {value}" for key, value in cast("Json", grant.get("scope") or {}).items())


def _time(grant: Json, name: str) -> str:
    return show_time(grant.get(name), 0)
