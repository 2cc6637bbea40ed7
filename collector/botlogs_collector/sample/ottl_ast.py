"""The parsed form of an OTTL condition: plain frozen values, comparable and hashable.

Every node knows its type, so that the SQL compiler needs no second analysis.
"""

from dataclasses import dataclass
from typing import Literal

# `attribute`: known only when a span is looked at (text, int, float, bool or nil).
# `maybe_*`: a converter's result, nil where it cannot convert.
ValueType = Literal[
    "bool", "int", "float", "text", "nil", "time", "duration", "attribute", "maybe_int", "maybe_float", "maybe_text"
]
CompareOp = Literal["==", "!=", "<", "<=", ">", ">="]
MathOp = Literal["+", "-", "*", "/"]
Function = Literal[
    "IsMatch", "HasPrefix", "HasSuffix", "Int", "Double", "String",
    "IsString", "IsInt", "IsDouble", "IsBool", "IsRootSpan",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Constant:
    """A constant: text, number, bool, nil (None); an enum as its number, a duration as nanoseconds."""

    value: str | int | float | bool | None
    type: ValueType


@dataclass(frozen=True, slots=True)
class Path:
    """A field of the record looked at; `key` for attributes only."""

    owner: Literal["span", "resource", "scope", "event"]
    field: str
    type: ValueType
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A converter with its arguments."""

    function: Function
    arguments: "tuple[Expression, ...]"
    type: ValueType


@dataclass(frozen=True, slots=True)
class Math:
    """Arithmetic on two numbers of the same type, or on times and durations.

    Fails where an operand is nil, and where the divisor is zero. Whole numbers are of 64 bits and wrap round.
    """

    op: MathOp
    left: "Expression"
    right: "Expression"
    type: ValueType


@dataclass(frozen=True, slots=True)
class Compare:
    """A comparison by OTTL's rules: values of different kinds are unequal, and nothing else."""

    op: CompareOp
    left: "Expression"
    right: "Expression"
    type: ValueType = "bool"


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite; where the operand cannot be evaluated, neither can this."""

    operand: "Expression"
    type: ValueType = "bool"


@dataclass(frozen=True, slots=True)
class Logic:
    """`and` and `or`, left operand first: the right one counts only where the left leaves it open."""

    op: Literal["and", "or"]
    left: "Expression"
    right: "Expression"
    type: ValueType = "bool"


Expression = Constant | Path | Call | Math | Compare | Not | Logic
