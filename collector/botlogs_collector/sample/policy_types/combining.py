"""The types that hold other policies."""

from botlogs_collector.sample.block import Block
from botlogs_collector.sample.combined import AllOf, Composite, Not, Share
from botlogs_collector.sample.leaves import AlwaysSample
from botlogs_collector.sample.policy import Policy
from botlogs_collector.sample.policy_types.of_conversations import CONVERSATION_TYPES
from botlogs_collector.sample.policy_types.of_traces import TRACE_TYPES
from botlogs_collector.sample.policy_types.parsing import ParseType, Parsing, open_block

LEAF_TYPES: dict[str, ParseType] = {**TRACE_TYPES, **CONVERSATION_TYPES}
"""Every type that holds no other."""

INNER_TYPES = {*LEAF_TYPES, "and", "not"}
"""What may stand inside another policy: more than the processor allows, never less."""


def _and(parsing: Parsing, name: str, cell: str, entry: Block) -> Policy:
    return AllOf(name, _parts(parsing, cell, open_block(entry, "and"), "and_sub_policy"))


def _drop(parsing: Parsing, name: str, cell: str, entry: Block) -> Policy:
    return AllOf(name, _parts(parsing, cell, open_block(entry, "drop"), "drop_sub_policy"), drops=True)


def _parts(parsing: Parsing, cell: str, block: Block, key: str) -> list[Policy]:
    entries = block.items(key)
    block.values.pop(key, None)  # each part notes its own
    block.finish()
    if not entries and key in block.raw:
        block.faults.add(block.at(key), "needs at least one policy")
    return [policy for policy, _ in parsing.parse_list(entries, block.at(key), cell, INNER_TYPES)]


def _not(parsing: Parsing, name: str, cell: str, entry: Block) -> Policy:
    block = open_block(entry, "not")
    part = block.block("not_sub_policy")
    block.finish()
    parsed = parsing.parse_one(part.raw, part.path, cell, INNER_TYPES, set()) if part.raw else None
    return Not(name, parsed[0] if parsed else AlwaysSample(name))


def _composite(parsing: Parsing, name: str, cell: str, entry: Block) -> Policy:
    block = open_block(entry, "composite")
    total = block.whole("max_total_spans_per_second")
    order = block.texts("policy_order", ())
    entries = block.items("composite_sub_policy")
    block.values.pop("composite_sub_policy", None)
    allocations = [
        Block(raw, f"{block.at('rate_allocation')}[{i}]", block.faults)
        for i, raw in enumerate(block.items("rate_allocation", ()))
    ]
    block.values["rate_allocation"] = percents = {each.text("policy"): each.whole("percent", 0) for each in allocations}
    for each in allocations:
        each.finish()
    block.finish()
    parts = [policy for policy, _ in parsing.parse_list(entries, block.at("composite_sub_policy"), cell, INNER_TYPES)]
    if not entries and "composite_sub_policy" in block.raw:
        block.faults.add(block.at("composite_sub_policy"), "needs at least one policy")
    names = [part.name for part in parts]
    for path, wanted in ((block.at("policy_order"), order), (block.at("rate_allocation"), tuple(percents))):
        for unknown in (each for each in wanted if each and each not in names):
            block.faults.add(path, f"{unknown!r} is none of its policies: {', '.join(names)}")
    # Documented order first; what it does not name follows as listed.
    parts.sort(key=lambda part: order.index(part.name) if part.name in order else len(order))
    shares = [
        Share(
            policy=part,
            cell=f"{cell}/{part.name}/share",
            # Without a percentage: an equal share, as documented (and in the processor since its issue 49828).
            spans_per_second=int(percents[part.name] / 100 * total) if percents.get(part.name) else total // len(parts),
        )
        for part in parts
    ]
    return Composite(name, total, shares)


COMBINING_TYPES: dict[str, ParseType] = {
    "and": _and,
    "drop": _drop,
    "not": _not,
    "composite": _composite,
}
"""Every type that holds others."""
