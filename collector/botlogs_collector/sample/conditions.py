"""What policies ask of the store: small values that are compiled into the facts query.

A condition is asked once however many policies need it; its answer comes back in
`ConversationFacts.conditions` under its name. The compiler is `store/conditions.py`.
All are about the whole conversation: every held span and log record of all its traces.
"""

import hashlib
from dataclasses import dataclass
from typing import ClassVar, Literal

from botlogs_collector.sample.ottl_ast import Expression

StatusCode = Literal["Unset", "Ok", "Error"]
KeyKind = Literal["flow", "node", "intent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A question about one conversation; `answer` says in which type it is answered."""

    kind: ClassVar[str] = ""
    answer: ClassVar[Literal["bool", "int", "text", "texts"]] = "bool"

    @property
    def name(self) -> str:
        """Return a stable name: the same question has the same name in every process."""
        return f"{self.kind}_{hashlib.sha256(repr(self).encode()).hexdigest()[:12]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyStatus(Condition):
    """Does any span have one of these status codes?"""

    kind: ClassVar[str] = "status"
    codes: tuple[StatusCode, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StringAttribute(Condition):
    """Does a text attribute of a resource or span match?

    Exact unless `regex`; then RE2, unanchored. A span's empty text never matches.
    """

    kind: ClassVar[str] = "string"
    key: str
    values: tuple[str, ...]
    regex: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NumericAttribute(Condition):
    """Does a number attribute of a resource or span lie in [minimum, maximum]? None: no bound."""

    kind: ClassVar[str] = "numeric"
    key: str
    minimum: int | None
    maximum: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BooleanAttribute(Condition):
    """Does a boolean attribute of a resource or span have this value?"""

    kind: ClassVar[str] = "boolean"
    key: str
    value: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceState(Condition):
    """Does any span's W3C trace state hold *key* with one of *values*?"""

    kind: ClassVar[str] = "trace_state"
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledFlag(Condition):
    """Is the W3C sampled flag set on any span?"""

    kind: ClassVar[str] = "sampled_flag"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanTime(Condition):
    """How long from the first span's start to the last span's end? In nanoseconds, by the senders' clocks."""

    kind: ClassVar[str] = "span_time"
    answer: ClassVar[Literal["bool", "int", "text", "texts"]] = "int"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ottl(Condition):
    """Is the expression true of any span (or span event)? Where it fails to evaluate, it is not."""

    kind: ClassVar[str] = "ottl"
    scope: Literal["span", "spanevent"]
    expression: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Node(Condition):
    """Was a node visited (or did it fail) with one of *ids* and one of *types*? Empty: any."""

    kind: ClassVar[str] = "node"
    ids: tuple[str, ...]
    types: tuple[str, ...]
    failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Event(Condition):
    """Was there a log event with one of these names? With *negative_feedback*: or feedback below zero."""

    kind: ClassVar[str] = "event"
    names: tuple[str, ...]
    negative_feedback: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingNode(Condition):
    """Which node was waiting for the user, who never answered? Its id, else its name; empty: none."""

    kind: ClassVar[str] = "waiting_node"
    answer: ClassVar[Literal["bool", "int", "text", "texts"]] = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePath(Condition):
    """Which nodes were visited, in order? A hash of it; empty: no node was."""

    kind: ClassVar[str] = "node_path"
    answer: ClassVar[Literal["bool", "int", "text", "texts"]] = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen(Condition):
    """Which flows, nodes or intents occurred? At most 64 of them, in no particular order."""

    kind: ClassVar[str] = "seen"
    answer: ClassVar[Literal["bool", "int", "text", "texts"]] = "texts"
    of: KeyKind
