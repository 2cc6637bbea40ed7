"""How each policy type's block is read: one short function a type, options named as in the processor."""

from collections.abc import Callable, Collection
from typing import Protocol, cast

from botlogs_collector.config.faults import Faults
from botlogs_collector.sample.block import Block
from botlogs_collector.sample.combined import AllOf, Composite, Not, Share
from botlogs_collector.sample.conditions import (
    AnyStatus,
    BooleanAttribute,
    Condition,
    Event,
    KeyKind,
    Node,
    NumericAttribute,
    Ottl,
    SampledFlag,
    Seen,
    StatusCode,
    StringAttribute,
    TraceState,
)
from botlogs_collector.sample.leaves import Abandoned, AlwaysSample, CountBetween, Latency, Matches
from botlogs_collector.sample.limits import NewPath, PerKey, TokenBucket
from botlogs_collector.sample.ottl import OttlError, Scope, parse_condition
from botlogs_collector.sample.policy import Policy
from botlogs_collector.sample.probabilistic import Probabilistic
from botlogs_collector.sample.regex import regex_fault
from otel_botlogs import semconv


class Parsing(Protocol):
    """What a type that holds other policies needs of the parser."""

    faults: Faults

    def parse_list(
        self, entries: list[object], path: str, scope: str, allowed: Collection[str]
    ) -> list[tuple[Policy, str]]:
        """Return the policies of *entries* with their types."""
        ...

    def parse_one(
        self, entry: object, path: str, scope: str, allowed: Collection[str], taken: set[str]
    ) -> tuple[Policy, str] | None:
        """Return one policy with its type, or None after a fault."""
        ...


def _always_sample(_: Parsing, name: str, cell: str, entry: Block) -> Policy:  # noqa: ARG001
    return AlwaysSample(name)


def _latency(_: Parsing, name: str, cell: str, entry: Block) -> Policy:  # noqa: ARG001
    block = _open(entry, "latency")
    lower, upper = block.whole("threshold_ms", 0), block.whole("upper_threshold_ms", 0)
    if upper and upper <= lower:
        block.faults.add(block.at("upper_threshold_ms"), f"must be above threshold_ms ({lower}), not {upper}")
    block.finish()
    return Latency(name=name, threshold_ms=lower, upper_threshold_ms=upper)


def _numeric_attribute(_: Parsing, name: str, cell: str, entry: Block) -> Policy:  # noqa: ARG001
    block = _open(entry, "numeric_attribute")
    key = block.text("key")
    minimum, maximum = block.whole_or_none("min_value"), block.whole_or_none("max_value")
    invert = block.boolean("invert_match", default=False)
    block.finish()
    if minimum is None and maximum is None:
        block.faults.add(block.path, "needs min_value or max_value or both")
    if minimum is not None and maximum is not None and minimum > maximum:
        block.faults.add(block.at("max_value"), f"must not be below min_value ({minimum}), not {maximum}")
    bounds = " and ".join(
        text
        for text in (
            f"at least {minimum}" if minimum is not None else "",
            f"at most {maximum}" if maximum is not None else "",
        )
        if text
    )
    condition = NumericAttribute(key=key, minimum=minimum, maximum=maximum)
    return Matches(name, [condition], f"attribute {key} {bounds}", invert=invert)


def _probabilistic(_: Parsing, name: str, cell: str, entry: Block) -> Policy:  # noqa: ARG001
    block = _open(entry, "probabilistic")
    percentage, salt = block.number("sampling_percentage", 0), block.text("hash_salt", "")
    if not percentage >= 0:
        block.faults.add(block.at("sampling_percentage"), f"must be from 0 to 100, not {percentage}")
    block.finish()
    return Probabilistic(name, percentage, salt)


_STATUS_CODES: dict[str, StatusCode] = {"OK": "Ok", "ERROR": "Error", "UNSET": "Unset"}


def _status_code(_: Parsing, name: str, cell: str, entry: Block) -> Policy:  # noqa: ARG001
    block = _open(entry, "status_code")
    codes = block.texts("status_codes")
    block.finish()
    for index, code in enumerate(codes):
        if code not in _STATUS_CODES:
            block.faults.add(f"{block.at('status_codes')}[{index}]", f"must be OK, ERROR or UNSET, not {code!r}")
    if not codes and "status_codes" in block.raw:
        block.faults.add(block.at("status_codes"), "needs at least one status code")
    condition = AnyStatus(codes=tuple(sorted({_STATUS_CODES[code] for code in codes if code in _STATUS_CODES})))
    return Matches(name, [condition], f"a span with status {' or '.join(codes)}")


def _string_attribute(_: Parsing, name: str, cell: str, entry: Block) -> Policy:  # noqa: ARG001
    block = _open(entry, "string_attribute")
    key, values = block.text("key"), block.texts("values")
    regex = block.boolean("enabled_regex_matching", default=False)
    block.whole("cache_max_size", 0)
    block.values.pop("cache_max_size", None)  # the processor's own memory; means nothing here
    invert = block.boolean("invert_match", default=False)
    block.finish()
    for index, value in enumerate(values if regex else ()):
        fault = regex_fault(value)
        if fault:
            block.faults.add(f"{block.at('values')}[{index}]", fault)
    wanted = values if regex else tuple(value for value in values if value)
    condition = StringAttribute(key=key, values=wanted, regex=regex)
    verb = "matching" if regex else "equal to"
    return Matches(name, [condition], f"attribute {key} {verb} {_listed(wanted)}", invert=invert)


def _trace_state(_: Parsing, name: str, cell: str, entry: Block) -> Policy:  # noqa: ARG001
    block = _open(entry, "trace_state")
    key, values = block.text("key"), block.texts("values")
    block.finish()
    # An entry of a trace state has at most 256 characters, the equals sign included.
    wanted = tuple(value for value in values if value and len(key) + len(value) < 256)
    return Matches(name, [TraceState(key=key, values=wanted)], f"trace state {key} equal to {_listed(wanted)}")


def _trace_flags(_: Parsing, name: str, cell: str, entry: Block) -> Policy:  # noqa: ARG001
    return Matches(name, [SampledFlag()], "a span with the sampled flag")


def _rate_limiting(_: Parsing, name: str, cell: str, entry: Block) -> Policy:
    return _bucket(name, cell, _open(entry, "rate_limiting"), "spans")


def _bytes_limiting(_: Parsing, name: str, cell: str, entry: Block) -> Policy:
    return _bucket(name, cell, _open(entry, "bytes_limiting"), "bytes")


def _bucket(name: str, cell: str, block: Block, of: str) -> Policy:
    per_second, burst = block.whole(f"{of}_per_second"), block.whole("burst_capacity", 0)
    block.values["burst_capacity"] = burst = burst or 2 * per_second
    block.finish()
    return TokenBucket(name=name, cell=cell, of=of, per_second=per_second, burst=burst)


def _span_count(_: Parsing, name: str, cell: str, entry: Block) -> Policy:  # noqa: ARG001
    return _count_between(name, _open(entry, "span_count"), "spans")


def _turn_count(_: Parsing, name: str, cell: str, entry: Block) -> Policy:  # noqa: ARG001
    return _count_between(name, _open(entry, "turn_count"), "turns")


def _count_between(name: str, block: Block, of: str) -> Policy:
    minimum, maximum = block.whole(f"min_{of}", 0), block.whole(f"max_{of}", 0)
    block.finish()
    if maximum and maximum < minimum:
        block.faults.add(block.at(f"max_{of}"), f"must not be below min_{of} ({minimum}), not {maximum}")
    return CountBetween(name=name, of=of, minimum=minimum, maximum=maximum)


def _boolean_attribute(_: Parsing, name: str, cell: str, entry: Block) -> Policy:  # noqa: ARG001
    block = _open(entry, "boolean_attribute")
    key, value = block.text("key"), block.boolean("value", default=False)
    invert = block.boolean("invert_match", default=False)
    block.finish()
    what = f"attribute {key} being {str(value).lower()}"
    return Matches(name, [BooleanAttribute(key=key, value=value)], what, invert=invert)


def _ottl_condition(_: Parsing, name: str, cell: str, entry: Block) -> Policy:  # noqa: ARG001
    block = _open(entry, "ottl_condition")
    block.choice("error_mode", ("ignore", "silent", "propagate"), "propagate")
    block.values.pop("error_mode", None)  # see README.md, Deviations: all three are read as `ignore`
    conditions: list[Condition] = []
    texts: list[str] = []
    for scope in cast("tuple[Scope, Scope]", ("span", "spanevent")):
        for index, text in enumerate(block.texts(scope, ())):
            texts.append(text)
            try:
                conditions.append(Ottl(scope=scope, expression=parse_condition(text, scope)))
            except OttlError as error:
                block.faults.add(f"{block.at(scope)}[{index}]", str(error))
    block.finish()
    if not texts and block.raw:
        block.faults.add(block.path, "needs at least one condition under span or spanevent")
    return Matches(name, conditions, " or ".join(texts))


def _node(_: Parsing, name: str, cell: str, entry: Block) -> Policy:  # noqa: ARG001
    block = _open(entry, "node")
    ids, types = block.texts("ids", ()), block.texts("types", ())
    failed = block.boolean("failed", default=False)
    block.finish()
    if not (ids or types or failed) and block.raw:
        block.faults.add(block.path, "needs ids or types or failed: true")
    which = f"{' of type ' + _listed(types) if types else ''}{' with id ' + _listed(ids) if ids else ''}"
    what = f"a node{which} that {'failed' if failed else 'was visited'}"
    return Matches(name, [Node(ids=ids, types=types, failed=failed)], what)


EVENT_KINDS = {
    "fallback": semconv.EVENT_FALLBACK,
    "validation_failure": semconv.EVENT_VALIDATION_FAIL,
    "handoff": semconv.EVENT_HANDOFF,
    "error": semconv.EVENT_ERROR,
}
_NEGATIVE_FEEDBACK = "negative_feedback"


def _event(_: Parsing, name: str, cell: str, entry: Block) -> Policy:  # noqa: ARG001
    block = _open(entry, "event")
    kinds = block.texts("kinds")
    block.finish()
    known = (*EVENT_KINDS, _NEGATIVE_FEEDBACK)
    for index, kind in enumerate(kinds):
        if kind not in known and "." not in kind:
            problem = f"must be one of {', '.join(known)}, or the name of an event such as bot.api, not {kind!r}"
            block.faults.add(f"{block.at('kinds')}[{index}]", problem)
    if not kinds and "kinds" in block.raw:
        block.faults.add(block.at("kinds"), "needs at least one kind")
    names = tuple(sorted({EVENT_KINDS.get(kind, kind) for kind in kinds if kind != _NEGATIVE_FEEDBACK}))
    condition = Event(names=names, negative_feedback=_NEGATIVE_FEEDBACK in kinds)
    return Matches(name, [condition], f"an event of kind {' or '.join(kinds)}")


def _abandoned(_: Parsing, name: str, cell: str, entry: Block) -> Policy:  # noqa: ARG001
    block = _open(entry, "abandoned", is_optional=True)
    nodes = block.texts("nodes", ())
    block.finish()
    return Abandoned(name=name, nodes=frozenset(nodes))


def _new_path(_: Parsing, name: str, cell: str, entry: Block) -> Policy:
    block = _open(entry, "new_path", is_optional=True)
    max_paths = block.whole("max_paths", 10_000, least=1)
    block.finish()
    return NewPath(name=name, cell=cell, max_paths=max_paths)


def _per_key(_: Parsing, name: str, cell: str, entry: Block) -> Policy:
    block = _open(entry, "per_key")
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


def _and(parsing: Parsing, name: str, cell: str, entry: Block) -> Policy:
    return AllOf(name, _parts(parsing, cell, _open(entry, "and"), "and_sub_policy"))


def _drop(parsing: Parsing, name: str, cell: str, entry: Block) -> Policy:
    return AllOf(name, _parts(parsing, cell, _open(entry, "drop"), "drop_sub_policy"), drops=True)


def _parts(parsing: Parsing, cell: str, block: Block, key: str) -> list[Policy]:
    entries = block.items(key)
    block.values.pop(key, None)  # each part notes its own
    block.finish()
    if not entries and key in block.raw:
        block.faults.add(block.at(key), "needs at least one policy")
    return [policy for policy, _ in parsing.parse_list(entries, block.at(key), cell, INNER_TYPES)]


def _not(parsing: Parsing, name: str, cell: str, entry: Block) -> Policy:
    block = _open(entry, "not")
    part = block.block("not_sub_policy")
    block.finish()
    parsed = parsing.parse_one(part.raw, part.path, cell, INNER_TYPES, set()) if part.raw else None
    return Not(name, parsed[0] if parsed else AlwaysSample(name))


def _composite(parsing: Parsing, name: str, cell: str, entry: Block) -> Policy:
    block = _open(entry, "composite")
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


def _open(entry: Block, type_: str, *, is_optional: bool = False) -> Block:
    if is_optional and entry.raw.get(type_) is None:
        block = Block({}, entry.at(type_), entry.faults)
    else:
        block = entry.block(type_)
    entry.values[type_] = block.values
    return block


def _listed(values: tuple[str, ...]) -> str:
    return " or ".join(repr(value) for value in values)


ParseType = Callable[[Parsing, str, str, Block], Policy]

LEAF_TYPES: dict[str, ParseType] = {
    "always_sample": _always_sample,
    "latency": _latency,
    "numeric_attribute": _numeric_attribute,
    "probabilistic": _probabilistic,
    "status_code": _status_code,
    "string_attribute": _string_attribute,
    "trace_state": _trace_state,
    "trace_flags": _trace_flags,
    "rate_limiting": _rate_limiting,
    "bytes_limiting": _bytes_limiting,
    "span_count": _span_count,
    "boolean_attribute": _boolean_attribute,
    "ottl_condition": _ottl_condition,
    "turn_count": _turn_count,
    "node": _node,
    "event": _event,
    "abandoned": _abandoned,
    "new_path": _new_path,
    "per_key": _per_key,
}
COMBINING_TYPES: dict[str, ParseType] = {"and": _and, "not": _not, "drop": _drop, "composite": _composite}
INNER_TYPES = {*LEAF_TYPES, "and", "not"}
"""What may stand inside another policy: more than the processor allows, never less."""
