"""`botlogs explain`: the receipt of a conversation in words."""

from collections.abc import Iterator
from typing import Final, cast

import click

from botlogs_collector.cli.client import Api, Json, path_of
from botlogs_collector.cli.connection import connected
from botlogs_collector.cli.terminal import one_line, print_json
from botlogs_collector.cli.times import show_duration, show_time
from botlogs_collector.clock import SystemClock

_ENDS: Final = {
    "signal": "signal: the bot said so (bot.conversation.end)",
    "idle": "idleness: nothing more came within the idle time-out",
    "max_age": "age: it reached the longest time that a conversation may take",
}


@click.command()
@click.argument("conversation")
@connected
def explain(*, api: Api, as_json: bool, conversation: str) -> None:
    """Say what became of CONVERSATION: when it ended, who decided what, and what happens next."""
    found, now_ns = api.get(path_of(conversation)), SystemClock().now_ns()
    sentences = [one_line(line) for line in explanation(found, now_ns)]
    if as_json:
        coming = [one_line(line) for line in _next(found, _receipt(found), now_ns)]
        print_json({**found, "explanation": sentences, "next": coming})
        return
    for line in sentences:
        click.echo(line)


def explanation(found: Json, now_ns: int) -> Iterator[str]:
    """Yield the sentences about a conversation as the API tells it."""
    receipt = _receipt(found)
    yield from _what(found, receipt)
    yield from _end(found, receipt)
    yield from _decision(receipt)
    yield from _next(found, receipt, now_ns)


def _receipt(found: Json) -> Json:
    return cast("Json", found.get("receipt") or {})


def _what(found: Json, receipt: Json) -> Iterator[str]:
    name = found.get("conversation_id") or found.get("trace_id")
    yield f"Conversation {name} of bot {found.get('bot_id')} in {found.get('environment')}: {found.get('state')}."
    size = receipt.get("bytes", found.get("bytes"))
    counts = ("turns", "turns"), ("node_actions", "node actions"), ("log_events", "log events"), ("errors", "errors")
    told = ", ".join(f"{found.get(key)} {words}" for key, words in counts)
    yield (
        f"It began at {show_time(found.get('started_unix_nano'), 0)}, its last action was at "
        f"{show_time(found.get('last_activity_unix_nano'), 0)}; {told}"
        f"{f', {int(str(size)):,} bytes' if size else ''}."
    )
    if receipt.get("environment_given", found.get("environment_given")) is False:
        yield (
            "It came without an environment and counts as production, hidden rather than leaked; set "
            "BOTLOGS_ENVIRONMENT or the resource attribute deployment.environment.name in the bot."
        )
    if receipt.get("complete") is False:
        yield "It is not complete: some of its data had gone from the hold when it was decided or restored."


def _end(found: Json, receipt: Json) -> Iterator[str]:
    ended = receipt.get("ended_unix_nano") or found.get("ended_unix_nano")
    rule = str(receipt.get("end_rule") or found.get("end_rule") or "")
    if found.get("state") == "ongoing" or not ended:
        yield "It has not ended: no end signal has come, and the idle time-out and the longest age have not passed."
    else:
        yield f"It ended at {show_time(ended, 0)} by {_ENDS.get(rule, rule or 'a rule that is not told')}."


def _decision(receipt: Json) -> Iterator[str]:
    if not receipt.get("decision"):
        return
    yield f"Decision: {receipt['decision']}, decided by {_decider(str(receipt.get('decided_by') or ''))}."
    for vote in cast("list[Json]", receipt.get("votes") or []):
        yield f"  {vote.get('policy')}: {vote.get('vote')}, because {vote.get('because') or 'it gives no reason'}"
    weight = float(str(receipt.get("weight") or 1))
    if weight != 1:
        yield f"It stands for {weight:g} conversations in totals."


def _decider(decided_by: str) -> str:
    if decided_by in ("", "default"):
        return "the default: no policy is configured or none voted, and what is not dropped is kept"
    if decided_by == "none":
        return "no policy: none of them sampled it"
    if decided_by == "late_error":
        return "an error that came after it had been dropped: it was brought back"
    kind, _, name = decided_by.partition(":")
    return {
        "grant": f"the grant {name}: a complete history was ordered",
        "error": f"the failure of policy {name}; sampling fails open",
        "policy": f"policy {name}",
    }.get(kind if name else "", f"policy {decided_by}")


def _next(found: Json, receipt: Json, now_ns: int) -> Iterator[str]:
    name = found.get("conversation_id") or found.get("trace_id")
    available = int(str(receipt.get("available_unix_nano") or found.get("available_unix_nano") or 0))
    match found.get("state"):
        case "live":
            yield "It can be read at once: its environment has no release delay."
        case "ongoing":
            yield "It becomes readable one release delay after its end; new activity puts the end off."
        case "held" if available > now_ns:
            wait = show_duration(available - now_ns)
            yield f"It becomes readable at {show_time(available, 0)}, in {wait}, if nothing more comes."
        case "held":
            yield f"Its delay passed at {show_time(available, 0)}; the release engine takes it within seconds."
        case "released":
            yield f"It can be read since {show_time(receipt.get('released_unix_nano') or available, 0)}."
        case "restored":
            yield "It had been dropped, was restored, and can be read."
        case "dropped":
            yield f"It cannot be read. Until the hold's retention ends it can be brought back: botlogs restore {name}"
            yield f"To keep the next ones like it: botlogs keep add --bot {found.get('bot_id')} --for 30d --reason …"
        case _:
            pass
