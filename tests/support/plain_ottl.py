"""OTTL conditions read in plain Python over plain records: what the compiled SQL is compared with.

Written from the language's documentation, not from the SQL: values are Python values, times and
durations are wrapped so that they equal nothing else.
"""

import re
from dataclasses import dataclass
from typing import cast

from botlogs_collector.sample.ottl_ast import Call, Compare, Constant, Expression, Logic, Math, Not, Path
from tests.support.records import Span, SpanEvent

Value = object


class Failed(Exception):  # an outcome, not a bug
    """The condition cannot be evaluated on this record."""


@dataclass(frozen=True, order=True)
class Time:
    ns: int


@dataclass(frozen=True, order=True)
class Duration:
    ns: int


def is_met(expression: Expression, trace_id: str, span: Span, event: SpanEvent | None = None) -> bool:
    """Return whether *expression* is true of the span or event; where it fails it is not."""
    try:
        return bool(_value(expression, trace_id, span, event))
    except Failed:
        return False


def _value(tree: Expression, trace_id: str, span: Span, event: SpanEvent | None) -> Value:
    def of(part: Expression) -> Value:
        return _value(part, trace_id, span, event)

    match tree:
        case Constant(value, kind):
            return Duration(cast("int", value)) if kind == "duration" else value
        case Path():
            return _field(tree, trace_id, span, event)
        case Not(operand):
            return not of(operand)
        case Logic("and", left, right):
            return of(left) and of(right)
        case Logic("or", left, right):
            return of(left) or of(right)
        case Compare(operator, left, right):
            return _compared(of(left), operator, of(right))
        case Math(operator, left, right):
            return _calculated(of(left), operator, of(right))
        case Call("IsRootSpan"):
            return not span.parent_span_id
        case Call(function, arguments):
            return _called(function, [of(each) for each in arguments])
        case _:
            raise AssertionError(tree)


def _field(path: Path, trace_id: str, span: Span, event: SpanEvent | None) -> Value:
    if path.key is not None:
        owner = {"span": span.attributes, "resource": span.resource, "event": event.attributes if event else {}}
        return owner.get(path.owner, {}).get(path.key)
    fields: dict[tuple[str, str], Value] = {
        ("span", "name"): span.name,
        ("span", "kind"): span.kind,
        ("span", "status.code"): span.status,
        ("span", "status.message"): span.message,
        ("span", "start_time_unix_nano"): span.start,
        ("span", "end_time_unix_nano"): span.start + span.duration,
        ("span", "start_time"): Time(span.start),
        ("span", "end_time"): Time(span.start + span.duration),
        ("span", "trace_id.string"): trace_id,
        ("span", "span_id.string"): span.span_id,
        ("span", "parent_span_id.string"): span.parent_span_id,
        ("span", "trace_state"): span.trace_state,
        ("scope", "name"): span.scope,
        ("scope", "version"): span.scope_version,
    }
    if event is not None:
        fields |= {
            ("event", "name"): event.name,
            ("event", "time_unix_nano"): event.time,
            ("event", "time"): Time(event.time),
        }
    return fields[path.owner, path.field]


def _compared(left: Value, operator: str, right: Value) -> bool:
    if left is None and right is None:
        return operator in {"==", "<=", ">="}
    numbers = (int, float)
    are_numbers = all(isinstance(each, numbers) and not isinstance(each, bool) for each in (left, right))
    if not are_numbers and type(left) is not type(right):
        return operator == "!="
    if are_numbers and type(left) is not type(right):
        left, right = float(cast("float", left)), float(cast("float", right))
    one, other = cast("int", left), cast("int", right)
    return {
        "==": one == other,
        "!=": one != other,
        "<": one < other,
        "<=": one <= other,
        ">": one > other,
        ">=": one >= other,
    }[operator]


def _calculated(left: Value, operator: str, right: Value) -> Value:
    if left is None or right is None:
        raise Failed
    if isinstance(left, (Time, Duration)):
        assert isinstance(right, (Time, Duration))
        result = left.ns + right.ns if operator == "+" else left.ns - right.ns
        is_time = isinstance(left, Time) != isinstance(right, Time)
        return Time(result) if is_time else Duration(result)
    one, other = cast("float", left), cast("float", right)
    if operator == "/":
        return _divided(one, other)
    result = {"+": one + other, "-": one - other, "*": one * other}[operator]
    return (result + 2**63) % 2**64 - 2**63 if isinstance(result, int) else result


def _divided(one: float, other: float) -> Value:
    if other == 0:
        raise Failed
    if isinstance(one, int) and isinstance(other, int):
        return abs(one) // abs(other) * (1 if (one < 0) == (other < 0) else -1)
    return one / other


def _called(function: str, arguments: list[Value]) -> Value:
    target = arguments[0]
    if function in {"IsString", "IsInt", "IsDouble", "IsBool"}:
        return type(target) is {"IsString": str, "IsInt": int, "IsDouble": float, "IsBool": bool}[function]
    if function == "String":
        return _text(target)
    if function == "Int":
        return _whole(target)
    if function == "Double":
        return _fraction(target)
    if function == "IsMatch":
        text = _text(target)
        return text is not None and re.search(str(arguments[1]), text) is not None
    if not isinstance(target, str):
        raise Failed
    return target.startswith(str(arguments[1])) if function == "HasPrefix" else target.endswith(str(arguments[1]))


def _text(value: Value) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):  # Go's strconv 'f' with the fewest digits; enough for the values of these tests
        return f"{value:f}".rstrip("0").rstrip(".")
    return str(value)


def _whole(value: Value) -> int | None:
    if value is None:
        return None
    if isinstance(value, str):
        found = int(value) if re.fullmatch(r"[+-]?[0-9]+", value) else None
        return found if found is not None and -(2**63) <= found < 2**63 else None
    return int(cast("float", value))


def _fraction(value: Value) -> float | None:
    if value is None:
        return None
    if isinstance(value, str):
        return float(value) if re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", value) else None
    return float(cast("float", value))
