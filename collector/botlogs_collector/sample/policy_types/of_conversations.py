"""The types of our own field: what happened in the conversation, in the processor's syntax."""

from typing import cast

from botlogs_collector.sample.block import Block
from botlogs_collector.sample.conditions import (
    Event,
    KeyKind,
    Node,
    Seen,
)
from botlogs_collector.sample.leaves import Abandoned, Matches
from botlogs_collector.sample.limits import NewPath, PerKey
from botlogs_collector.sample.policy import Policy
from botlogs_collector.sample.policy_types.parsing import ParseType, Parsing, count_between, listed, open_block
from otel_botlogs import semconv


def _turn_count(_: Parsing, name: str, cell: str, entry: Block) -> Policy:  # noqa: ARG001
    return count_between(name, open_block(entry, "turn_count"), "turns")


def _node(_: Parsing, name: str, cell: str, entry: Block) -> Policy:  # noqa: ARG001
    block = open_block(entry, "node")
    ids, types = block.texts("ids", ()), block.texts("types", ())
    failed = block.boolean("failed", default=False)
    block.finish()
    if not (ids or types or failed) and block.raw:
        block.faults.add(block.path, "needs ids or types or failed: true")
    which = f"{' of type ' + listed(types) if types else ''}{' with id ' + listed(ids) if ids else ''}"
    what = f"a node{which} that {'failed' if failed else 'was visited'}"
    return Matches(name, [Node(ids=ids, types=types, failed=failed)], what)


_EVENT_KINDS = {
    "fallback": semconv.EVENT_FALLBACK,
    "validation_failure": semconv.EVENT_VALIDATION_FAIL,
    "handoff": semconv.EVENT_HANDOFF,
    "error": semconv.EVENT_ERROR,
}
_NEGATIVE_FEEDBACK = "negative_feedback"


def _event(_: Parsing, name: str, cell: str, entry: Block) -> Policy:  # noqa: ARG001
    block = open_block(entry, "event")
    kinds = block.texts("kinds")
    block.finish()
    known = (*_EVENT_KINDS, _NEGATIVE_FEEDBACK)
    for index, kind in enumerate(kinds):
        if kind not in known and "." not in kind:
            problem = f"must be one of {', '.join(known)}, or the name of an event such as bot.api, not {kind!r}"
            block.faults.add(f"{block.at('kinds')}[{index}]", problem)
    if not kinds and "kinds" in block.raw:
        block.faults.add(block.at("kinds"), "needs at least one kind")
    names = tuple(sorted({_EVENT_KINDS.get(kind, kind) for kind in kinds if kind != _NEGATIVE_FEEDBACK}))
    condition = Event(names=names, negative_feedback=_NEGATIVE_FEEDBACK in kinds)
    return Matches(name, [condition], f"an event of kind {' or '.join(kinds)}")


def _abandoned(_: Parsing, name: str, cell: str, entry: Block) -> Policy:  # noqa: ARG001
    block = open_block(entry, "abandoned", is_optional=True)
    nodes = block.texts("nodes", ())
    block.finish()
    return Abandoned(name=name, nodes=frozenset(nodes))


def _new_path(_: Parsing, name: str, cell: str, entry: Block) -> Policy:
    block = open_block(entry, "new_path", is_optional=True)
    max_paths = block.whole("max_paths", 10_000, least=1)
    block.finish()
    return NewPath(name=name, cell=cell, max_paths=max_paths)


def _per_key(_: Parsing, name: str, cell: str, entry: Block) -> Policy:
    block = open_block(entry, "per_key")
    of = block.choice("key", ("bot", "flow", "node", "intent"))
    per_hour, max_keys = block.whole("per_hour", least=1), block.whole("max_keys", 10_000, least=1)
    block.finish()
    seen = None if of == "bot" else Seen(of=cast("KeyKind", of))
    return PerKey(
        name=name,
        cell=cell,
        of=of,
        per_hour=per_hour,
        max_keys=max_keys,
        seen=seen.name if seen else None,
        conditions=(seen,) if seen else (),
    )


CONVERSATION_TYPES: dict[str, ParseType] = {
    "turn_count": _turn_count,
    "node": _node,
    "event": _event,
    "abandoned": _abandoned,
    "new_path": _new_path,
    "per_key": _per_key,
}
"""Those that ask about turns, nodes and events."""
