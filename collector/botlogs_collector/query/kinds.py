"""What each kind of timeline entry is called for people: one table, kind to title.

A title is its parts put together; a part that names an attribute (or `body`, `node`, `flow`) which
the entry does not have is left out.
"""

import re
from typing import Final

from botlogs_collector.model.reading import Entry

PARTS: Final[dict[str, tuple[str, ...]]] = {
    "bot.conversation.start": ("Conversation started", " on {bot.channel}"),
    "bot.conversation.end": ("Conversation ended", " ({bot.conversation.end.reason})"),
    "bot.conversation.reopen": ("Conversation reopened",),
    "bot.message.user": ("User", ": {body}"),
    "bot.message.bot": ("Bot", ": {body}"),
    "bot.message.agent": ("Agent", ": {body}"),
    "bot.flow.start": ("Flow", " {flow}", " started", " by {bot.flow.trigger}"),
    "bot.flow.complete": ("Flow", " {flow}", " completed"),
    "bot.flow.switch": ("Flow switched", " from {bot.flow.from}", " to {bot.flow.to}", " by {bot.flow.trigger}"),
    "bot.flow.definition": ("Flow definition", " of {flow}"),
    "bot.node.enter": ("Entered", " {node}"),
    "bot.node.exit": ("Left", " {node}", ": {bot.node.outcome}", ", next {bot.transition.to}",
                      " ({bot.transition.reason})"),
    "bot.node.wait": ("Waiting for the user", ": {body}"),
    "bot.node.transition": ("Next", " {bot.transition.to}", " ({bot.transition.reason})"),
    "bot.condition": ("Condition", " {bot.condition.expression}", " → {bot.condition.taken}"),
    "bot.nlu": ("Understood", " {bot.nlu.intent}", " (confidence {bot.nlu.confidence})"),
    "bot.fallback": ("Fallback", ": {bot.fallback.reason}", ", {bot.fallback.count} in a row"),
    "bot.validation.fail": ("Answer refused", " by {bot.validation.rule}", ", attempt {bot.validation.attempt}"),
    "bot.api": ("API", " {bot.api.name}", " {http.request.method}", " {url.full}", " → {http.response.status_code}",
                " in {bot.api.duration_ms} ms", " ({error.type})"),
    "bot.function.log": ("Function", ": {body}"),
    "bot.function.error": ("Function failed", ": {body}", " ({error.type})"),
    "bot.db": ("Database", " {db.operation.name}", " {db.collection.name}", ", {db.response.returned_rows} rows",
               " ({error.type})"),
    "bot.variable.set": ("Set", " {bot.variable.name}", " = {bot.variable.new}"),
    "bot.llm.request": ("Asked", " {gen_ai.request.model}"),
    "bot.llm.response": ("Answer of", " {gen_ai.response.model}", " ({gen_ai.usage.output_tokens} tokens)"),
    "bot.kb": ("Knowledge search", ": {bot.kb.query}", " (confidence {bot.kb.confidence})"),
    "bot.event.in": ("Event in", ": {bot.event.code}"),
    "bot.event.out": ("Event out", ": {bot.event.code}"),
    "bot.notification": ("Notification", " {bot.notification.kind}", ": {bot.notification.status}"),
    "bot.handoff": ("Handed over", " to {bot.handoff.to}", ": {bot.handoff.reason}"),
    "bot.workflow.output": ("Workflow output", ": {bot.workflow.status}", " {bot.workflow.value}"),
    "bot.error": ("Error", " {exception.type}", " {error.type}", ": {exception.message}", ": {body}"),
    "bot.feedback": ("Feedback", " {bot.feedback.score}", ": {bot.feedback.comment}"),
    "bot.log": ("{body}",),
    "exception": ("Exception", " {exception.type}", ": {exception.message}"),
    "log": ("{body}",),
    "span": ("{body}", " failed: {error}"),
}  # fmt: skip

_NAME = re.compile(r"\{([^}]+)\}")
_SPACE = re.compile(r"[\s\x00-\x1f\x7f]+")
_OWN = frozenset({"body", "node", "flow", "error"})

# The attributes that titles need: a timeline page reads no others.
TITLE_KEYS: Final = frozenset(name for parts in PARTS.values() for name in _NAME.findall("".join(parts))) - _OWN
MAX_TITLE: Final = 240


def title(entry: Entry) -> str:
    """Return the one line that says what happened; control characters and line breaks become spaces."""
    parts = PARTS.get(entry.kind, (entry.kind, ": {body}"))
    text = "".join(_filled(part, entry) for part in parts)
    text = _SPACE.sub(" ", text).strip() or entry.kind
    return text if len(text) <= MAX_TITLE else text[: MAX_TITLE - 1] + "…"


def _filled(part: str, entry: Entry) -> str:
    match = _NAME.search(part)
    if match is None:
        return part
    value = _value(match[1], entry)
    return part.replace(match[0], value) if value else ""


def _value(name: str, entry: Entry) -> str:
    match name:
        case "body":
            return "" if entry.body is None else str(entry.body)
        case "node":
            return entry.node_name or entry.node_id
        case "flow":
            return entry.flow_id
        case "error":
            return entry.status if entry.severity == "ERROR" else ""
        case _:
            return str(entry.attributes.get(name, ""))
