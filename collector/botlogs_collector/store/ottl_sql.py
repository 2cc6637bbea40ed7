"""An OTTL condition as a SQL expression over one held span (or, in a lambda, one of its events).

OTTL's rules in SQL: values of different kinds are unequal and nothing else; `and` and `or` look
at the right side only where the left leaves it open; where something cannot be evaluated the
whole condition is not met. So every part is compiled to its value, whether it is nil, and
whether it failed; `None` for the last two means never.
"""

from dataclasses import dataclass, field
from typing import cast

from botlogs_collector.sample.ottl_ast import Call, Compare, Constant, Expression, Logic, Math, Not, Path
from botlogs_collector.store.attribute_sql import (
    event_attribute,
    resource_attribute,
    scope_attribute,
    span_attribute,
)
from botlogs_collector.store.parameters import Parameters

_START = "toUnixTimestamp64Nano(Timestamp)"
_END = f"({_START} + toInt64(Duration))"
_COLUMNS = {
    "span": {
        "name": "toString(SpanName)", "status.message": "StatusMessage", "trace_state": "TraceState",
        "trace_id.string": "TraceId", "span_id.string": "SpanId", "parent_span_id.string": "ParentSpanId",
        "start_time_unix_nano": _START, "start_time": _START, "end_time_unix_nano": _END, "end_time": _END,
        "kind": "toInt64(transform(SpanKind, ['Internal', 'Server', 'Client', 'Producer', 'Consumer'], "
        "[1, 2, 3, 4, 5], 0))",
        "status.code": "toInt64(transform(StatusCode, ['Ok', 'Error'], [1, 2], 0))",
    },
    "scope": {"name": "ScopeName", "version": "ScopeVersion"},
    "event": {
        "name": "toString(en)", "time_unix_nano": "toUnixTimestamp64Nano(et)", "time": "toUnixTimestamp64Nano(et)",
    },
}  # fmt: skip
_ATTRIBUTES = {
    "span": span_attribute, "resource": resource_attribute, "scope": scope_attribute, "event": event_attribute,
}  # fmt: skip
_OPERATORS = {"==": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Value:
    """A value by kind: the letters of AttributeSql.kind, and t time, u duration; one fragment a kind."""

    kinds: frozenset[str]
    by_kind: dict[str, str] = field(default_factory=dict[str, str])
    kind: str = ""  # SQL of the letter; empty where there is only one
    error: str | None = None

    def is_of(self, kind: str) -> str:
        return "true" if len(self.kinds) == 1 else f"{self.kind} = '{kind}'"


def compile_ottl(expression: Expression, parameters: Parameters) -> str:
    """Return SQL that is true where *expression* is met; its values are bound in *parameters*."""
    compiled = _Compiler(parameters).build(expression)
    value = compiled.by_kind["b"]
    return value if compiled.error is None else f"(NOT {compiled.error} AND {value})"


class _Compiler:
    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters

    def build(self, expression: Expression) -> _Value:
        match expression:
            case Constant():
                return self._constant(expression)
            case Path():
                return self._path(expression)
            case Call():
                return self._call(expression)
            case Math():
                return self._math(expression)
            case Compare():
                return self._compare(expression)
            case Not():
                operand = self.build(expression.operand)
                return _bool(f"(NOT {operand.by_kind['b']})", operand.error)
            case Logic():
                return self._logic(expression)

    def _constant(self, constant: Constant) -> _Value:
        match constant.type:
            case "text":
                return _one("s", self._parameters.text(cast("str", constant.value)))
            case "int":
                return _one("i", self._parameters.bind(constant.value, "Int64"))
            case "duration":
                return _one("u", self._parameters.bind(constant.value, "Int64"))
            case "float":
                return _one("d", self._parameters.bind(constant.value, "Float64"))
            case "bool":
                return _bool("true" if constant.value else "false")
            case _:
                return _one("n", "NULL")

    def _path(self, path: Path) -> _Value:
        if path.key is None:
            letter = {"text": "s", "int": "i", "time": "t"}[path.type]
            return _one(letter, _COLUMNS[path.owner][path.field])
        found = _ATTRIBUTES[path.owner](self._parameters.text(path.key))
        by_kind = {
            "s": found.text,
            "i": f"toInt64OrZero({found.text})",
            "d": f"toFloat64OrZero({found.text})",
            "b": f"({found.text} = 'true')",
            "n": "NULL",
            "x": found.text,
        }
        return _Value(kinds=frozenset(by_kind), by_kind=by_kind, kind=found.kind)

    def _math(self, math: Math) -> _Value:
        left, right = self.build(math.left), self.build(math.right)
        letter = {"int": "i", "float": "d", "time": "t", "duration": "u"}[math.type]
        failed = [left.error, right.error, *(each.is_of("n") for each in (left, right) if "n" in each.kinds)]
        sides = (_number(left), _number(right))
        if math.op == "/":
            failed.append(f"{sides[1]} = 0")
            divided = f"intDivOrZero({sides[0]}, {sides[1]})" if letter == "i" else f"({sides[0]} / {sides[1]})"
            return _one(letter, divided, _any(failed))
        return _one(letter, f"({sides[0]} {math.op} {sides[1]})", _any(failed))

    def _logic(self, logic: Logic) -> _Value:
        left, right = self.build(logic.left), self.build(logic.right)
        values = left.by_kind["b"], right.by_kind["b"]
        is_open = values[0] if logic.op == "and" else f"(NOT {values[0]})"
        failed = [left.error, right.error and f"({is_open} AND {right.error})"]
        return _bool(f"({values[0]} {logic.op.upper()} {values[1]})", _any(failed))

    def _compare(self, compare: Compare) -> _Value:
        left, right = self.build(compare.left), self.build(compare.right)
        operator = _OPERATORS[compare.op]
        cases: list[str] = []
        for one in sorted(left.kinds):
            for other in sorted(right.kinds):
                held = _held(one, other, operator, left, right)
                if held is not None:
                    cases += [f"{left.is_of(one)} AND {right.is_of(other)}", held]
        otherwise = "true" if compare.op == "!=" else "false"
        if not cases:
            return _bool(otherwise, _any([left.error, right.error]))
        if cases[0] == "true AND true":
            return _bool(cases[1], _any([left.error, right.error]))
        return _bool(f"multiIf({', '.join([*cases, otherwise])})", _any([left.error, right.error]))

    def _call(self, call: Call) -> _Value:
        if call.function == "IsRootSpan":
            return _bool("(ParentSpanId = '')")
        target = self.build(call.arguments[0])
        if call.function in _IS_KIND:
            letter = _IS_KIND[call.function]
            return _bool(f"({target.is_of(letter)})" if letter in target.kinds else "false", target.error)
        if call.function in {"Int", "Double", "String"}:
            return _converted(call.function, target)
        pattern = str(cast("Constant", call.arguments[1]).value)
        if call.function == "IsMatch":
            value = _converted("String", target)
            matched = f"match(assumeNotNull({value.by_kind['s']}), {self._parameters.pattern(pattern)})"
            return _bool(matched if "n" not in value.kinds else f"({value.is_of('s')} AND {matched})", value.error)
        function = "startsWith" if call.function == "HasPrefix" else "endsWith"
        text = target.by_kind.get("s", "''")
        failed = [target.error]
        if target.kinds != frozenset("s"):
            failed.append(f"NOT ({target.is_of('s')})" if "s" in target.kinds else "true")
        return _bool(f"{function}(assumeNotNull({text}), {self._parameters.text(pattern)})", _any(failed))


_IS_KIND = {"IsString": "s", "IsInt": "i", "IsDouble": "d", "IsBool": "b"}


def _converted(function: str, target: _Value) -> _Value:
    """Int, Double and String: the value in the other type, nil where there is none."""
    letter = {"Int": "i", "Double": "d", "String": "s"}[function]
    conversions = _CONVERSIONS[letter]
    if len(target.kinds) == 1 and (kind := min(target.kinds)) in conversions and (kind, letter) not in _MAY_FAIL:
        return _one(letter, conversions[kind].format(target.by_kind[kind]), target.error)
    cases = [
        part
        for kind in sorted(target.kinds & set(conversions))
        for part in (target.is_of(kind), conversions[kind].format(target.by_kind[kind]))
    ]
    if not cases:
        return _one("n", "NULL", target.error)
    value = f"multiIf({', '.join(cases)}, NULL)"
    return _Value(
        kinds=frozenset({letter, "n"}),
        by_kind={letter: f"assumeNotNull({value})", "n": "NULL"},
        kind=f"if(isNull({value}), 'n', '{letter}')",
        error=target.error,
    )


_CONVERSIONS = {
    "i": {"i": "toInt64({0})", "d": "toInt64(trunc({0}))", "b": "toInt64({0})", "s": "toInt64OrNull({0})"},
    "d": {"i": "toFloat64({0})", "d": "{0}", "b": "toFloat64({0})", "s": "toFloat64OrNull({0})"},
    "s": {"i": "toString({0})", "d": "toString({0})", "b": "if({0}, 'true', 'false')", "s": "{0}", "x": "{0}"},
}
_MAY_FAIL = {("s", "i"), ("s", "d")}


def _held(one: str, other: str, operator: str, left: _Value, right: _Value) -> str | None:
    """Return the comparison of two values of these kinds, None where they are only unequal."""
    if one == other == "n":
        return "true" if operator in {"=", "<=", ">="} else "false"
    if one == other and one != "x":
        return f"({left.by_kind[one]} {operator} {right.by_kind[other]})"
    if {one, other} == {"i", "d"}:
        return f"(toFloat64({left.by_kind[one]}) {operator} toFloat64({right.by_kind[other]}))"
    return None


def _number(value: _Value) -> str:
    return next(sql for kind, sql in value.by_kind.items() if kind != "n")


def _one(kind: str, sql: str, error: str | None = None) -> _Value:
    return _Value(kinds=frozenset({kind}), by_kind={kind: sql}, error=error)


def _bool(sql: str, error: str | None = None) -> _Value:
    return _one("b", sql, error)


def _any(errors: list[str | None]) -> str | None:
    given = [error for error in errors if error]
    return f"({' OR '.join(given)})" if given else None
