"""Every condition read in plain Python over plain records: what the compiled SQL is compared with."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from botlogs_collector.sample import conditions as c
from tests.support.plain_ottl import is_met
from tests.support.records import LogRecord, Scalar, Span

_STATUS = {"Unset": 0, "Ok": 1, "Error": 2}


def read(
    condition: c.Condition, traces: Mapping[str, Sequence[Span]], logs: Sequence[LogRecord]
) -> bool | int | str | list[str]:
    """Return the answer to *condition* about the conversation of *traces* and *logs*."""
    spans = [span for each in traces.values() for span in each]
    match condition:
        case c.AnyStatus():
            return any(span.status in {_STATUS[code] for code in condition.codes} for span in spans)
        case c.StringAttribute():
            return any(_string(condition, span) for span in spans)
        case c.NumericAttribute():
            return any(_within(condition, value) for span in spans for value in _values(span, condition.key))
        case c.BooleanAttribute():
            return any(value is condition.value for span in spans for value in _values(span, condition.key))
        case c.TraceState():
            wanted = {f"{condition.key}={value}" for value in condition.values}
            return any(member.strip(" \t") in wanted for span in spans for member in span.trace_state.split(","))
        case c.SampledFlag():
            return any(span.flags & 1 for span in spans)
        case c.SpanTime():
            if not spans:
                return 0
            return max(span.start + span.duration for span in spans) - min(span.start for span in spans)
        case c.Ottl(scope="span"):
            return any(is_met(condition.expression, trace, span) for trace, those in traces.items() for span in those)
        case c.Ottl():
            return any(
                is_met(condition.expression, trace, span, event)
                for trace, those in traces.items()
                for span in those
                for event in span.events
            )
        case _:
            return _of_bots(condition, spans, logs)


def _of_bots(condition: c.Condition, spans: Sequence[Span], logs: Sequence[LogRecord]) -> bool | str | list[str]:
    records = [(each.attributes, each.status == 2) for each in spans] + [(r.attributes, r.severity >= 17) for r in logs]
    span_events = [event for span in spans for event in span.events]
    match condition:
        case c.Node():
            return any(_is_node(condition, attributes, has_failed=failed) for attributes, failed in records)
        case c.Event():
            events = [(r.event_name, r.attributes) for r in logs] + [(e.name, e.attributes) for e in span_events]
            return any(_is_event(condition, name, attributes) for name, attributes in events)
        case c.WaitingNode():
            turns = [record for record in logs if record.event_name in {"bot.node.wait", "bot.message.user"}]
            last = max(turns, key=lambda record: (record.time, record.event_name == "bot.node.wait"), default=None)
            return _node(last.attributes) if last and last.event_name == "bot.node.wait" else ""
        case c.Seen(of="flow"):
            return _distinct(attributes.get("bot.flow.id") for attributes, _ in records)
        case c.Seen(of="node"):
            return _distinct(_node(attributes) for attributes, _ in records)
        case c.Seen():
            attributes = [each for each, _ in records] + [event.attributes for event in span_events]
            return _distinct(each.get("bot.nlu.intent") for each in attributes)
        case _:
            raise AssertionError(condition)


def _distinct(values: Iterable[object]) -> list[str]:
    return sorted({str(value) for value in values if value})


def node_path(spans: Sequence[Span], logs: Sequence[LogRecord]) -> tuple[str, ...]:
    """Return the nodes in the order of their start: what the path's hash stands for."""
    visits = sorted({(span.start, span.span_id, _node(span.attributes)) for span in spans if _node(span.attributes)})
    entered = sorted({(r.time, "", _node(r.attributes)) for r in logs if r.event_name == "bot.node.enter"})
    names = [node for _, _, node in visits or entered if node]
    return tuple(node for index, node in enumerate(names) if index == 0 or names[index - 1] != node)


def _values(span: Span, key: str) -> list[Scalar]:
    return [owner[key] for owner in (span.attributes, span.resource) if key in owner]


def _string(condition: c.StringAttribute, span: Span) -> bool:
    def matches(value: object) -> bool:
        if not isinstance(value, str):
            return False
        if condition.regex:
            return any(re.search(pattern, value) for pattern in condition.values)
        return value in condition.values

    of_span = span.attributes.get(condition.key)
    return (bool(of_span) and matches(of_span)) or matches(span.resource.get(condition.key))


def _within(condition: c.NumericAttribute, value: Scalar) -> bool:
    if isinstance(value, (bool, str)):
        return False
    return (condition.minimum is None or value >= condition.minimum) and (
        condition.maximum is None or value <= condition.maximum
    )


def _node(attributes: Mapping[str, Scalar]) -> str:
    return str(attributes.get("bot.node.id") or attributes.get("bot.node.name") or "")


def _is_node(condition: c.Node, attributes: Mapping[str, Scalar], *, has_failed: bool) -> bool:
    node = _node(attributes)
    return (
        bool(node)
        and (not condition.ids or node in condition.ids)
        and (not condition.types or attributes.get("bot.node.type") in condition.types)
        and (not condition.failed or has_failed or attributes.get("bot.node.outcome") == "error")
    )


def _is_event(condition: c.Event, name: str, attributes: Mapping[str, Scalar]) -> bool:
    is_negative = name == "bot.feedback" and cast("float", attributes.get("bot.feedback.score", 0)) < 0
    return name in condition.names or (condition.negative_feedback and is_negative)
