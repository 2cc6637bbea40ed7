"""Reads an OTTL condition (`ottl_condition` policies) into its syntax tree.

A real grammar (`ottl.lark`) and then a check of names and types. Whatever is not supported is
refused here with its position: a condition that loads is one that the store can answer.
"""

import re
from functools import cache
from importlib import resources
from typing import Literal, NoReturn, cast

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken

from botlogs_collector.config.duration import parse_duration
from botlogs_collector.sample.ottl_ast import (
    Call,
    Compare,
    CompareOp,
    Constant,
    Expression,
    Function,
    Logic,
    Math,
    MathOp,
    Not,
    ValueType,
)
from botlogs_collector.sample.ottl_names import ENUMS, FUNCTIONS, resolve_path
from botlogs_collector.sample.regex import regex_fault

Scope = Literal["span", "spanevent"]
Node = Tree[Token] | Token

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "\\": "\\", '"': '"', "'": "'"}
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))", re.DOTALL)
_MAX_INT = 2**63 - 1
_INTS, _FLOATS = {"int", "maybe_int"}, {"float", "maybe_float"}


class OttlError(Exception):
    """The condition is not understood; *column* counts from 1."""

    def __init__(self, column: int, problem: str) -> None:
        super().__init__(f"column {column}: {problem}")
        self.column = column


@cache
def _grammar() -> Lark:
    text = resources.files("botlogs_collector.sample").joinpath("ottl.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", propagate_positions=True, maybe_placeholders=False)


def parse_condition(text: str, scope: Scope) -> Expression:
    """Return the tree of *text*, a condition on a span or a span event.

    Raises:
        OttlError: with the position of what is wrong or not supported.
    """
    try:
        tree = cast("Node", _grammar().parse(text))
    except UnexpectedInput as error:
        raise OttlError(*_syntax_fault(error, text)) from None
    try:
        expression = _Builder(scope).build(tree)
    except RecursionError:
        raise OttlError(1, "is nested too deeply; write it as several conditions") from None
    if expression.type != "bool":
        raise OttlError(1, f"must be true or false, not {_KIND[expression.type]}; compare it with something")
    return expression


def _syntax_fault(error: UnexpectedInput, text: str) -> tuple[int, str]:
    if isinstance(error, UnexpectedEOF) or (isinstance(error, UnexpectedToken) and error.token.type == "$END"):
        return len(text) + 1, "the condition ends too early"
    column = (error.pos_in_stream or 0) + 1
    if isinstance(error, UnexpectedCharacters):
        return column, f"unexpected {text[column - 1]!r}" + (" (an unclosed text?)" if text[column - 1] == '"' else "")
    shown = str(error.token) if isinstance(error, UnexpectedToken) else text[column - 1]
    return column, f"unexpected {shown!r}"


class _Builder:
    """From lark's tree to ours, bottom up."""

    def __init__(self, scope: Scope) -> None:
        self._scope: Scope = scope

    def build(self, tree: Node) -> Expression:
        assert isinstance(tree, Tree)
        method = getattr(self, f"_{tree.data.rstrip('_')}")
        return cast("Expression", method(tree))

    def _parts(self, tree: Tree[Token]) -> tuple[Expression, str, Expression]:
        left, operator, right = tree.children
        return self.build(left), str(operator), self.build(right)

    def _or(self, tree: Tree[Token]) -> Expression:
        left, right = tree.children
        return Logic("or", self._bool(left), self._bool(right))

    def _and(self, tree: Tree[Token]) -> Expression:
        left, right = tree.children
        return Logic("and", self._bool(left), self._bool(right))

    def _not(self, tree: Tree[Token]) -> Expression:
        return Not(self._bool(tree.children[0]))

    def _bool(self, tree: Node) -> Expression:
        built = self.build(tree)
        if built.type != "bool":
            self._refuse(tree, f"must be true or false, not {_KIND[built.type]}; compare it with something")
        return built

    def _compare(self, tree: Tree[Token]) -> Expression:
        left, operator, right = self._parts(tree)
        return Compare(cast("CompareOp", operator), left, right)

    def _math(self, tree: Tree[Token]) -> Expression:
        left, operator, right = self._parts(tree)
        kinds = (left.type, right.type)
        result: ValueType | None = _TIME_MATH.get((left.type, operator, right.type))
        if left.type in _INTS and right.type in _INTS:
            result = "int"
        elif left.type in _FLOATS and right.type in _FLOATS:
            result = "float"
        if result is None:
            hint = "; wrap the attribute in Int() or Double()" if "attribute" in kinds else ""
            self._refuse(tree, f"cannot calculate {_KIND[left.type]} {operator} {_KIND[right.type]}{hint}")
        return Math(cast("MathOp", operator), left, right, result)

    def _signed(self, tree: Tree[Token]) -> Expression:
        sign, operand = tree.children
        built = self.build(operand)
        if not isinstance(built, Constant) or built.type not in {"int", "float"}:
            self._refuse(tree, "a sign belongs before a number only")
        value = cast("int | float", built.value)
        return Constant(-value if str(sign) == "-" else value, built.type)

    def _float(self, tree: Tree[Token]) -> Expression:
        return Constant(float(str(tree.children[0])), "float")

    def _int(self, tree: Tree[Token]) -> Expression:
        value = int(str(tree.children[0]))
        if value > _MAX_INT:
            self._refuse(tree, "the number does not fit into 64 bits")
        return Constant(value, "int")

    def _text(self, tree: Tree[Token]) -> Expression:
        return Constant(self._unquoted(cast("Token", tree.children[0])), "text")

    def _true(self, _: Tree[Token]) -> Expression:
        return Constant(value=True, type="bool")

    def _false(self, _: Tree[Token]) -> Expression:
        return Constant(value=False, type="bool")

    def _nil(self, _: Tree[Token]) -> Expression:
        return Constant(None, "nil")

    def _enum(self, tree: Tree[Token]) -> Expression:
        symbol = str(tree.children[0])
        if symbol not in ENUMS:
            self._refuse(tree, f"unknown name {symbol}; known: {', '.join(ENUMS)}")
        return Constant(ENUMS[symbol], "int")

    def _path(self, tree: Tree[Token]) -> Expression:
        names: list[str] = []
        keys: list[str] = []
        for child in tree.children:
            if isinstance(child, Token):
                if keys:
                    self._refuse(tree, "a key can only come last")
                names.append(str(child))
                continue
            token = cast("Token", child.children[0])
            if token.type == "INT":
                self._refuse(child, 'a position in a list is not supported; only attributes["name"]')
            keys.append(self._unquoted(token))
        found = resolve_path(tuple(names), tuple(keys), self._scope)
        if isinstance(found, str):
            self._refuse(tree, found)
        return found

    def _call(self, tree: Tree[Token]) -> Expression:
        token = cast("Token", tree.children[0])
        rest = cast("list[Tree[Token]]", tree.children[1:])
        if any(child.data == "key" for child in rest):
            self._refuse(tree, "a converter's result cannot be indexed")
        arguments = tuple(self.build(child) for child in rest)
        if token == "Duration":  # noqa: S105  # a function's name
            return self._duration(tree, arguments)
        signature = FUNCTIONS.get(str(token))
        if signature is None:
            self._refuse(tree, f"unknown function {token}; known: Duration, {', '.join(FUNCTIONS)}")
        wanted, result = signature
        if len(arguments) != wanted:
            self._refuse(tree, f"{token} takes {wanted} arguments, not {len(arguments)}")
        if arguments and arguments[0].type in {"time", "duration"}:
            self._refuse(tree, f"{token} cannot take {_KIND[arguments[0].type]}")
        if wanted == 2:
            self._check_pattern(str(token), rest[1], arguments[1])
        return Call(cast("Function", str(token)), arguments, result)

    def _duration(self, tree: Tree[Token], arguments: tuple[Expression, ...]) -> Expression:
        if len(arguments) != 1 or not isinstance(arguments[0], Constant) or arguments[0].type != "text":
            self._refuse(tree, 'Duration takes one text, such as Duration("1m30s")')
        try:
            return Constant(parse_duration(str(arguments[0].value)), "duration")
        except ValueError as error:
            self._refuse(tree, str(error))

    def _check_pattern(self, function: str, where: Tree[Token], argument: Expression) -> None:
        """Patterns are constants: so they are checked now, and are parameters of the query."""
        if not isinstance(argument, Constant) or not isinstance(argument.value, str):
            self._refuse(where, f"the second argument of {function} must be a text")
        fault = regex_fault(argument.value) if function == "IsMatch" else None
        if fault:
            self._refuse(where, fault)

    def _unquoted(self, token: Token) -> str:
        def plain(match: re.Match[str]) -> str:
            x, u, big_u, octal, single = match.groups()
            if x or u or big_u:
                return chr(int(x or u or big_u, 16))
            if octal:
                return chr(int(octal, 8))
            if single in _ESCAPES:
                return _ESCAPES[single]
            column = (token.start_pos or 0) + 2 + match.start()
            raise OttlError(column, f"unknown escape \\{single}; write \\\\{single} for a backslash and {single}")

        return _ESCAPE.sub(plain, str(token)[1:-1])

    def _refuse(self, tree: Node, problem: str) -> NoReturn:
        start = tree.start_pos if isinstance(tree, Token) else tree.meta.start_pos
        raise OttlError((start or 0) + 1, problem)


_TIME_MATH: dict[tuple[ValueType, str, ValueType], ValueType] = {
    ("time", "-", "time"): "duration",
    ("time", "-", "duration"): "time",
    ("time", "+", "duration"): "time",
    ("duration", "+", "time"): "time",
    ("duration", "+", "duration"): "duration",
    ("duration", "-", "duration"): "duration",
}
_KIND = {
    "bool": "true or false", "int": "a whole number", "float": "a fraction", "text": "a text", "nil": "nil",
    "time": "a time", "duration": "a duration", "attribute": "an attribute", "maybe_int": "a whole number",
    "maybe_float": "a fraction", "maybe_text": "a text",
}  # fmt: skip
