"""Commands that read: conversations, logs and node."""

from collections.abc import Iterator, Mapping
from typing import Literal

import click

from botlogs_collector.cli.client import Api, Json, Refused, path_of
from botlogs_collector.cli.connection import connected
from botlogs_collector.cli.terminal import console, indented, one_line, print_json, print_table, severity_style
from botlogs_collector.cli.times import TIME, show_time

_STATES = click.Choice(["live", "ongoing", "held", "released", "dropped", "restored"])


@click.command()
@click.option("--environment", help="Such as sandbox or production.")
@click.option("--bot", help="The bot's id.")
@click.option("--state", type=_STATES)
@click.option("--from", "since", type=TIME, help="Active at or after this time.")
@click.option("--to", "until", type=TIME, help="Active before this time.")
@click.option("--q", "text", help="A conversation, trace or user id, or text in readable logs.")
@click.option("--flow", help="That ran this flow.")
@click.option("--node", help="That visited this node.")
@click.option("--channel")
@click.option("--errors", "has_error", is_flag=True, default=None, help="With errors only.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@connected
def conversations(
    *, api: Api, as_json: bool, since: int | None, until: int | None, text: str | None, limit: int, **filters: object
) -> None:
    """List conversations, the newest first."""
    query = {**filters, "from": since, "to": until, "q": text}
    found = list(api.items("/conversations", query, limit))
    if as_json:
        print_json({"items": found})
        return
    print_table(
        ("started (UTC)", "conversation", "bot", "environment", "state", "turns", "logs", "errors", "readable (UTC)"),
        (_row(one) for one in found),
        empty="No conversation matches. The console shows how to send some; `botlogs doctor` finds out what is wrong.",
    )


def _row(one: Json) -> tuple[object, ...]:
    from rich.text import Text

    state, errors = one_line(one.get("state")), one_line(one.get("errors"))
    return (
        _short(one.get("started_unix_nano")),
        one.get("conversation_id") or one.get("trace_id"),
        one.get("bot_id"),
        one.get("environment"),
        Text(state, {"held": "yellow", "ongoing": "yellow", "dropped": "red"}.get(state, "green")),
        one.get("turns"),
        one.get("log_events"),
        Text(errors, "" if errors == "0" else "red"),
        _short(one.get("available_unix_nano")),
    )


def _short(unix_nano: object) -> str:
    """Return a time for a column that says UTC; it folds between day and time."""
    return show_time(unix_nano, 0).replace("T", " ").removesuffix("Z")


@click.command()
@click.argument("conversation")
@click.option("--at", type=TIME, help="Only what was logged at this exact time of the timeline.")
@click.option("--node", help="Only of this node, or of this one node action.")
@click.option("--q", "text", help="Only what holds this text.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many; all without it.")
@click.option(
    "--all", "everything", is_flag=True, help="Also the attributes that every line of a conversation repeats."
)
@connected
def logs(
    *,
    api: Api,
    as_json: bool,
    conversation: str,
    at: int | None,
    node: str | None,
    text: str | None,
    limit: int | None,
    everything: bool,
) -> None:
    """Show the log events of CONVERSATION (its id, or a trace id) with their attributes."""
    found = list(_logs(api, conversation, {"at": at, "q": text}, node, limit))
    if as_json:
        print_json({"items": found})
        return
    out = console()
    hidden = frozenset[str]() if everything else _repeated()
    for log in found:
        out.print(_heading(log), soft_wrap=True)
        for name, value in sorted(_mapping(log.get("attributes")).items()):
            if name not in hidden:
                out.print(f"    {one_line(name)}: {indented(value)}", soft_wrap=True)
    if not found:
        out.print("Nothing was logged there.")


def _repeated() -> frozenset[str]:
    """Return the attributes that say whose line it is and where: in the heading, or the same on every line."""
    from otel_botlogs import semconv as s  # loads the plugin, so only here

    place = {s.BOT_FLOW_ID, s.BOT_FLOW_VERSION, s.BOT_NODE_ID, s.BOT_NODE_NAME, s.BOT_NODE_TYPE, s.BOT_TURN_INDEX}
    return frozenset(place) | {
        s.BOT_ID,
        s.BOT_VERSION,
        s.BOT_CHANNEL,
        s.GEN_AI_CONVERSATION_ID,
        s.SESSION_ID,
        s.USER_ID,
    }


def _logs(
    api: Api, conversation: str, query: Mapping[str, object], node: str | None, limit: int | None
) -> Iterator[Json]:
    taken = 0
    for log in api.items(path_of(conversation, "/logs"), query, None if node else limit):
        if node is None or node in (log.get("node_id"), log.get("node_action_id"), log.get("span_id")):
            yield log
            taken += 1
            if taken == limit:
                return


def _heading(log: Json) -> "object":
    from rich.text import Text

    severity = one_line(log.get("severity")) or "INFO"
    text = Text(show_time(log.get("time_unix_nano")), "dim")
    text.append(f"  {severity:<5}", severity_style(severity))
    text.append(f"  {one_line(log.get('event_name')) or 'log'}", "bold")
    if log.get("node_id"):
        text.append(f"  [{one_line(log.get('node_id'))}]", "cyan")
    body = log.get("body")
    if body not in (None, ""):
        text.append(f"  {indented(body)}")
    return text


@click.command()
@click.argument("conversation")
@click.option("--at", type=TIME, required=True, help="A time: RFC 3339 or Unix nanoseconds.")
@connected
def node(*, api: Api, as_json: bool, conversation: str, at: int) -> None:
    """Show which node of which flow was at work in CONVERSATION at a time."""
    found = api.get(path_of(conversation, "/node"), {"at": at})
    if as_json:
        print_json(found)
        return
    fields: tuple[tuple[str, object], ...] = (
        ("node", _named(found, "node_name", "node_id")),
        ("type", found.get("node_type")),
        ("flow", found.get("flow_id")),
        ("version", found.get("flow_version")),
        ("started", show_time(found.get("started_unix_nano"))),
        ("ended", show_time(found.get("ended_unix_nano")) or "still running"),
        ("status", found.get("status")),
        ("span", found.get("span_id")),
        ("builder", found.get("builder_url")),
        ("flow's name", _flow_name(api, found)),
    )
    for name, value in fields:
        if value:
            click.echo(f"{name:<12} {one_line(value)}")


def _named(found: Json, name: Literal["node_name"], identifier: Literal["node_id"]) -> str:
    given, known = found.get(name), found.get(identifier)
    return f"{known}" if given in (None, "", known) else f"{known} ({given})"


def _flow_name(api: Api, found: Json) -> object:
    """Return the authored name of the flow; none is no reason to fail."""
    try:
        return api.get(f"/flows/{found['flow_id']}", {"version": found.get("flow_version")}).get("name")
    except (Refused, KeyError):
        return None


def _mapping(value: object) -> Mapping[object, object]:
    return value if isinstance(value, Mapping) else {}
