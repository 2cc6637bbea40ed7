"""The processor's own types that hold no others, each read by one short function; options named as there."""

from typing import cast

from botlogs_collector.sample.block import Block
from botlogs_collector.sample.conditions import (
    AnyStatus,
    BooleanAttribute,
    Condition,
    NumericAttribute,
    Ottl,
    SampledFlag,
    StatusCode,
    StringAttribute,
    TraceState,
)
from botlogs_collector.sample.leaves import AlwaysSample, Latency, Matches
from botlogs_collector.sample.limits import TokenBucket
from botlogs_collector.sample.ottl import OttlError, Scope, parse_condition
from botlogs_collector.sample.policy import Policy
from botlogs_collector.sample.policy_types.parsing import ParseType, Parsing, count_between, listed, open_block
from botlogs_collector.sample.probabilistic import Probabilistic
from botlogs_collector.sample.regex import regex_fault


def _always_sample(_: Parsing, name: str, cell: str, entry: Block) -> Policy:  # noqa: ARG001
    return AlwaysSample(name)


def _latency(_: Parsing, name: str, cell: str, entry: Block) -> Policy:  # noqa: ARG001
    block = open_block(entry, "latency")
    lower, upper = block.whole("threshold_ms", 0), block.whole("upper_threshold_ms", 0)
    if upper and upper <= lower:
        block.faults.add(block.at("upper_threshold_ms"), f"must be above threshold_ms ({lower}), not {upper}")
    block.finish()
    return Latency(name=name, threshold_ms=lower, upper_threshold_ms=upper)


def _numeric_attribute(_: Parsing, name: str, cell: str, entry: Block) -> Policy:  # noqa: ARG001
    block = open_block(entry, "numeric_attribute")
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
    block = open_block(entry, "probabilistic")
    percentage, salt = block.number("sampling_percentage", 0), block.text("hash_salt", "")
    if not percentage >= 0:
        block.faults.add(block.at("sampling_percentage"), f"must be from 0 to 100, not {percentage}")
    block.finish()
    return Probabilistic(name, percentage, salt)


_STATUS_CODES: dict[str, StatusCode] = {"OK": "Ok", "ERROR": "Error", "UNSET": "Unset"}


def _status_code(_: Parsing, name: str, cell: str, entry: Block) -> Policy:  # noqa: ARG001
    block = open_block(entry, "status_code")
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
    block = open_block(entry, "string_attribute")
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
    return Matches(name, [condition], f"attribute {key} {verb} {listed(wanted)}", invert=invert)


def _trace_state(_: Parsing, name: str, cell: str, entry: Block) -> Policy:  # noqa: ARG001
    block = open_block(entry, "trace_state")
    key, values = block.text("key"), block.texts("values")
    block.finish()
    # An entry of a trace state has at most 256 characters, the equals sign included.
    wanted = tuple(value for value in values if value and len(key) + len(value) < 256)
    return Matches(name, [TraceState(key=key, values=wanted)], f"trace state {key} equal to {listed(wanted)}")


def _trace_flags(_: Parsing, name: str, cell: str, entry: Block) -> Policy:  # noqa: ARG001
    return Matches(name, [SampledFlag()], "a span with the sampled flag")


def _rate_limiting(_: Parsing, name: str, cell: str, entry: Block) -> Policy:
    return _bucket(name, cell, open_block(entry, "rate_limiting"), "spans")


def _bytes_limiting(_: Parsing, name: str, cell: str, entry: Block) -> Policy:
    return _bucket(name, cell, open_block(entry, "bytes_limiting"), "bytes")


def _bucket(name: str, cell: str, block: Block, of: str) -> Policy:
    per_second, burst = block.whole(f"{of}_per_second"), block.whole("burst_capacity", 0)
    block.values["burst_capacity"] = burst = burst or 2 * per_second
    block.finish()
    return TokenBucket(name=name, cell=cell, of=of, per_second=per_second, burst=burst)


def _span_count(_: Parsing, name: str, cell: str, entry: Block) -> Policy:  # noqa: ARG001
    return count_between(name, open_block(entry, "span_count"), "spans")


def _boolean_attribute(_: Parsing, name: str, cell: str, entry: Block) -> Policy:  # noqa: ARG001
    block = open_block(entry, "boolean_attribute")
    key, value = block.text("key"), block.boolean("value", default=False)
    invert = block.boolean("invert_match", default=False)
    block.finish()
    what = f"attribute {key} being {str(value).lower()}"
    return Matches(name, [BooleanAttribute(key=key, value=value)], what, invert=invert)


def _ottl_condition(_: Parsing, name: str, cell: str, entry: Block) -> Policy:  # noqa: ARG001
    block = open_block(entry, "ottl_condition")
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


TRACE_TYPES: dict[str, ParseType] = {
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
}
"""Those that ask about the spans of a trace."""
