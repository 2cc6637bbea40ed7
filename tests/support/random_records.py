"""Random spans, log records and conditions about them, from a seed.

Few names and few values, so that a random condition is often met and often missed; the values are
those at which languages differ: empty texts, texts like numbers, the ends of 64 bits, fractions
that are whole, line breaks, quotes.
"""

import random
from collections.abc import Callable, Sequence
from typing import Literal, TypeVar, cast

from botlogs_collector.sample import conditions as c
from botlogs_collector.sample.ottl import Scope, parse_condition
from tests.support.records import START, Attributes, LogRecord, Scalar, Span, SpanEvent

T = TypeVar("T")

HALF_S = 500_000_000
TEXTS = ("", "x", "xy", "5", "-3", "0.5", "true", "error", "é\n", "x\ny", "a'b\\c")
PATTERNS = ("x", "^x$", "y?$", "^[0-9]+$", "x.y", "é.", "a'", "(?i)X", ".*", "^$")
EVENT_NAMES = ("bot.node.wait", "bot.message.user", "bot.node.enter", "bot.fallback", "bot.feedback", "x", "")
COMPARE = ("==", "!=", "<", "<=", ">", ">=")
IS_KIND = ("IsString", "IsInt", "IsDouble", "IsBool")


class RandomRecords:
    """Makes records and conditions; the same seed makes the same ones."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def pick(self, choices: Sequence[T]) -> T:
        return self._random.choice(choices)

    def chance(self, share: float) -> bool:
        return self._random.random() < share

    def some(self, make: Callable[[], T], most: int) -> list[T]:
        return [make() for _ in range(self._random.randint(0, most))]

    # Records

    def spans(self) -> list[Span]:
        return self.some(self._span, 3)

    def logs(self) -> list[LogRecord]:
        times = self._random.sample(range(20), self._random.randint(0, 4))
        return [self._log(START + step * HALF_S) for step in times]

    def _span(self) -> Span:
        return Span(
            span_id=f"{self._random.getrandbits(64) | 1:016x}",
            parent_span_id=self.pick(("", "00f067aa0ba902b7")),
            name=self.pick(TEXTS),
            kind=self._random.randint(0, 5),
            status=self._random.randint(0, 2),
            message=self.pick(("", "boom", "x")),
            start=START + self._random.randint(0, 20) * HALF_S,
            duration=self._random.randint(0, 4) * HALF_S,
            trace_state=self.pick(("", "k=v", "a=1, k=w", "k=v,a=2", "k=vv", "b=1\t,k=w")),
            flags=self._random.randint(0, 3),
            scope=self.pick(("", "x", "lib")),
            attributes=self._attributes(),
            resource=self._attributes(),
            events=self.some(self._span_event, 2),
        )

    def _span_event(self) -> SpanEvent:
        name = self.pick(EVENT_NAMES)
        return SpanEvent(
            name=name, time=START + self._random.randint(0, 20) * HALF_S, attributes=self._attributes(of_event=name)
        )

    def _log(self, time: int) -> LogRecord:
        name = self.pick(EVENT_NAMES)
        return LogRecord(
            event_name=name, time=time, severity=self.pick((9, 17, 21)), attributes=self._attributes(of_event=name)
        )

    def _attributes(self, of_event: str = "") -> Attributes:
        """`a` and `b` are of any type; what semantic conventions define is of its type."""
        made: dict[str, Scalar] = {key: self._scalar() for key in ("a", "b") if self.chance(0.6)}
        for key in ("bot.node.id", "bot.node.name", "bot.flow.id", "bot.nlu.intent"):
            if self.chance(0.4):
                made[key] = self.pick(("", "x", "5", "y"))
        rare = (("bot.node.type", "x"), ("bot.node.outcome", "error"))
        made |= {key: value for key, value in rare if self.chance(0.2)}
        if of_event == "bot.feedback" and self.chance(0.8):
            made["bot.feedback.score"] = self.pick((-1.0, 0.0, 2.5, -1, 3))
        return made

    def _scalar(self) -> Scalar:
        return self.pick((
            self.pick(TEXTS),
            self._random.randint(-4, 6),
            self.pick((2**63 - 1, -(2**63), 2**53 + 1)),
            self.pick((-2.5, 0.0, 0.5, 5.0, 2.75, 1e9)),
            self.chance(0.5),
        ))  # fmt: skip

    # Conditions

    def condition(self) -> c.Condition:
        make = self.pick((self._ottl, self._ottl, self._ottl, self._attribute, self._of_bots, self._of_spans))
        return make()

    def _attribute(self) -> c.Condition:
        key = self.pick(("a", "a", "b", "bot.flow.id"))
        match self._random.randint(0, 3):
            case 0:
                return c.StringAttribute(key=key, values=tuple(self.some(lambda: self.pick(TEXTS[1:]), 3)))
            case 1:
                return c.StringAttribute(key=key, values=(self.pick(PATTERNS), self.pick(PATTERNS)), regex=True)
            case 2:
                low, high = sorted((self._random.randint(-4, 6), self._random.randint(-4, 6)))
                minimum, maximum = self.pick(((low, high), (low, None), (None, high), (2**53 + 1, None)))
                return c.NumericAttribute(key=key, minimum=minimum, maximum=maximum)
            case _:
                return c.BooleanAttribute(key=key, value=self.chance(0.5))

    def _of_spans(self) -> c.Condition:
        codes = cast("tuple[c.StatusCode, ...]", self.pick((("Error",), ("Ok", "Unset"))))
        state = c.TraceState(key="k", values=self.pick((("v",), ("w", "vv"))))
        return self.pick((c.AnyStatus(codes=codes), state, c.SampledFlag(), c.SpanTime()))

    def _of_bots(self) -> c.Condition:
        names = (("x",), ("x", "5"), ())
        node = c.Node(ids=self.pick(names), types=self.pick((("x",), (), ())), failed=self.chance(0.4))
        event = c.Event(names=self.pick(((), ("bot.fallback",), ("x",))), negative_feedback=self.chance(0.5))
        of = cast("tuple[Literal['flow', 'node', 'intent'], ...]", ("flow", "node", "intent"))
        return self.pick((node, event, c.WaitingNode(), c.Seen(of=self.pick(of))))

    def _ottl(self) -> c.Condition:
        """Conditions are made as text, as people write them: so the parser takes part in the comparison."""
        scope: Scope = self.pick(("span", "spanevent"))
        text = _OttlText(self, scope).condition(depth=2)
        return c.Ottl(scope=scope, expression=parse_condition(text, scope))


class _OttlText:
    """Random OTTL of one scope."""

    def __init__(self, made: RandomRecords, scope: Scope) -> None:
        self._pick, self._chance = made.pick, made.chance
        self._owners = ("", "span.", "resource.") if scope == "span" else ("", "span.", "resource.", "spanevent.")
        self._time = "span.start_time" if scope == "span" else "time"

    def condition(self, depth: int) -> str:
        if depth and self._chance(0.5):
            left, right = self.condition(depth - 1), self.condition(depth - 1)
            return self._pick((f"not ({left})", f"({left}) and ({right})", f"({left}) or ({right})"))
        return self._pick((self._comparison, self._comparison, self._call, self._lasting))()

    def _comparison(self) -> str:
        operator = self._pick(COMPARE)
        return self._pick((
            f"{self._attribute()} {operator} {self._literal()}",
            f"{self._attribute()} {operator} {self._attribute()}",
            f"{self._text_field()} {operator} {_quoted(self._pick(TEXTS))}",
            f"{self._whole(2)} {operator} {self._number()}",
            f"{self._fraction(2)} {operator} {self._number()}",
            f"{self._attribute()} {operator} {self._whole(1)}",
            f"String({self._whole(1)}) {operator} {self._attribute()}",
        ))  # fmt: skip

    def _call(self) -> str:
        target = self._pick((self._attribute(), self._attribute(), self._text_field()))
        text = _quoted(self._pick(("x", "", "y", "5")))
        return self._pick((
            f"IsMatch({target}, {_quoted(self._pick(PATTERNS))})",
            f"HasPrefix({target}, {text})",
            f"HasSuffix({target}, {text})",
            f"{self._pick(IS_KIND)}({target})",
            "IsRootSpan()",
        ))  # fmt: skip

    def _lasting(self) -> str:
        return f'span.end_time - {self._time} {self._pick(COMPARE)} Duration("{self._pick(("0s", "1s", "1s500ms"))}")'

    def _attribute(self) -> str:
        return f"{self._pick(self._owners)}attributes[{_quoted(self._pick(('a', 'b')))}]"

    def _text_field(self) -> str:
        return self._pick(("span.name", "span.status.message", "scope.name", "span.trace_state"))

    def _number(self) -> str:
        return self._pick(("-3", "0", "1", "2", "5", "0.5", "5.0", "-2.5", "9223372036854775807", "9007199254740993"))

    def _literal(self) -> str:
        return self._pick((self._number(), _quoted(self._pick(TEXTS)), self._pick(("true", "false", "nil"))))

    def _whole(self, depth: int) -> str:
        if depth and self._chance(0.4):
            return f"({self._whole(depth - 1)} {self._pick('+-*/')} {self._whole(depth - 1)})"
        took = "(span.end_time_unix_nano - span.start_time_unix_nano)"
        field = self._pick(("span.kind", "span.status.code", took))
        return self._pick((f"Int({self._attribute()})", f"Int({self._text_field()})", field, self._pick("01235")))

    def _fraction(self, depth: int) -> str:
        if depth and self._chance(0.4):
            return f"({self._fraction(depth - 1)} {self._pick('+-*/')} {self._fraction(depth - 1)})"
        return self._pick((f"Double({self._attribute()})", f"Double({self._text_field()})", "0.5", "0.0", "2.0"))


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
