"""The policies' conditions as parts of the facts query: one aggregate each over a conversation's held rows.

`compile_conditions` gives the fragments for the two SELECT lists, grouped by conversation by the
query they go into; `answers` puts a conversation's two result rows together. Rows sent twice
change no answer. Cost: every fragment is evaluated for every held row of the batch.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from botlogs_collector.errors import Permanent
from botlogs_collector.sample.conditions import (
    AnyStatus,
    BooleanAttribute,
    Condition,
    Event,
    Node,
    NodePath,
    NumericAttribute,
    Ottl,
    SampledFlag,
    Seen,
    SpanTime,
    StringAttribute,
    TraceState,
    WaitingNode,
)
from botlogs_collector.sample.ottl_ast import Call, Compare, Constant, Expression, Logic, Not
from botlogs_collector.store.attribute_sql import AttributeSql, any_span_event, resource_attribute, span_attribute
from botlogs_collector.store.client import Database
from botlogs_collector.store.ottl_sql import compile_ottl
from botlogs_collector.store.parameters import Parameters
from otel_botlogs import semconv


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionSql:
    """Aggregates by condition name: over `botlogs_held.otel_traces`, over `botlogs_held.otel_logs`; their parameters.

    A condition may need one of the two tables or both. Parameters are named `p0`, `p1`, ….
    """

    traces: Mapping[str, str]
    logs: Mapping[str, str]
    parameters: Mapping[str, object]


_Fragments = tuple[str | None, str | None]  # over traces, over logs


def compile_conditions(conditions: Sequence[Condition]) -> ConditionSql:
    """Return the fragments that answer *conditions*; values are typed parameters."""
    parameters = Parameters()
    traces: dict[str, str] = {}
    logs: dict[str, str] = {}
    for condition in conditions:
        over_traces, over_logs = _COMPILERS[type(condition)](condition, parameters)
        if over_traces is not None:
            traces[condition.name] = over_traces
        if over_logs is not None:
            logs[condition.name] = over_logs
    return ConditionSql(traces=traces, logs=logs, parameters=parameters.values)


def answers(
    conditions: Sequence[Condition], from_traces: Mapping[str, object], from_logs: Mapping[str, object]
) -> dict[str, object]:
    """Return what `ConversationFacts.conditions` holds: each condition's answer by name, in its type.

    The rows hold the fragments' results under the conditions' names; a conversation without
    held spans (or log records) has an empty row.
    """
    return {
        each.name: _ANSWERS[each.answer](from_traces.get(each.name), from_logs.get(each.name)) for each in conditions
    }


def pattern_faults(database: Database, conditions: Sequence[Condition]) -> list[str]:
    """Return one line for each regular expression that this store's RE2 refuses.

    To be asked whenever policies are loaded: one such pattern would make every facts query fail.
    """
    faults: list[str] = []
    for pattern in dict.fromkeys(pattern for each in conditions for pattern in _patterns(each)):
        try:
            database.rows("SELECT match('', {pattern:String})", pattern=pattern)
        except Permanent as error:
            faults.append(f"{pattern!r} is not an RE2 expression: {error}")
    return faults


def _patterns(condition: Condition) -> Iterator[str]:
    if isinstance(condition, StringAttribute) and condition.regex:
        yield from condition.values
    elif isinstance(condition, Ottl):
        yield from _patterns_in(condition.expression)


def _patterns_in(tree: Expression) -> Iterator[str]:
    match tree:
        case Call("IsMatch", (_, Constant(value))):
            yield str(value)
        case Not(operand):
            yield from _patterns_in(operand)
        case Logic(_, left, right) | Compare(_, left, right):
            yield from _patterns_in(left)
            yield from _patterns_in(right)
        case _:
            pass


_ANSWERS: dict[str, Callable[[object, object], object]] = {
    "bool": lambda traces, logs: bool(traces) or bool(logs),
    "int": lambda traces, logs: int(cast("int", traces or logs or 0)),
    "text": lambda traces, logs: str(traces or logs or ""),
    "texts": lambda traces, logs: sorted({*cast("list[str]", traces or []), *cast("list[str]", logs or [])})[:64],
}


def _any(condition: str) -> str:
    return f"countIf({condition}) > 0"


def _status(condition: AnyStatus, parameters: Parameters) -> _Fragments:
    return _any(f"has({parameters.texts(condition.codes)}, StatusCode)"), None


def _string(condition: StringAttribute, parameters: Parameters) -> _Fragments:
    key = parameters.text(condition.key)
    span, resource = span_attribute(key), resource_attribute(key)
    if not condition.values:
        return "false", None
    if condition.regex:
        patterns = [parameters.pattern(value) for value in condition.values]
        of_span = f"{span.text} != '' AND {_matched(span, patterns)}"
        return _any(f"({of_span}) OR {_matched(resource, patterns)}"), None
    values = parameters.texts(condition.values)
    equal = [f"(has({values}, {each.text}) AND {each.is_text})" for each in (span, resource)]
    return _any(" OR ".join(equal)), None


def _matched(attribute: AttributeSql, patterns: list[str]) -> str:
    return f"({attribute.is_text} AND ({' OR '.join(f'match({attribute.text}, {each})' for each in patterns)}))"


def _numeric(condition: NumericAttribute, parameters: Parameters) -> _Fragments:
    key = parameters.text(condition.key)
    bounds: list[str] = []
    if condition.minimum is not None:
        bounds.append(f"{{0}} >= {parameters.bind(condition.minimum, 'Int64')}")
    if condition.maximum is not None:
        bounds.append(f"{{0}} <= {parameters.bind(condition.maximum, 'Int64')}")

    def within(attribute: AttributeSql) -> str:
        whole, fraction = f"toInt64OrNull({attribute.text})", f"toFloat64OrNull({attribute.text})"
        inside = [" AND ".join(bound.replace("{0}", value) for bound in bounds) for value in (whole, fraction)]
        return f"({attribute.is_number} AND if(isNotNull({whole}), {inside[0]}, {inside[1]}))"

    return _any(f"{within(span_attribute(key))} OR {within(resource_attribute(key))}"), None


def _boolean(condition: BooleanAttribute, parameters: Parameters) -> _Fragments:
    key = parameters.text(condition.key)
    value = parameters.text("true" if condition.value else "false")
    holds = [f"({each.text} = {value} AND {each.is_bool})" for each in (span_attribute(key), resource_attribute(key))]
    return _any(" OR ".join(holds)), None


def _trace_state(condition: TraceState, parameters: Parameters) -> _Fragments:
    members = parameters.texts(tuple(f"{condition.key}={value}" for value in condition.values))
    return _any(f"hasAny(arrayMap(m -> trim(BOTH ' \\t' FROM m), splitByChar(',', TraceState)), {members})"), None


def _sampled_flag(_: SampledFlag, __: Parameters) -> _Fragments:
    return _any("bitTest(TraceFlags, 0)"), None


def _span_time(_: SpanTime, __: Parameters) -> _Fragments:
    start = "toUnixTimestamp64Nano(Timestamp)"
    return f"max({start} + toInt64(Duration)) - min({start})", None


def _ottl(condition: Ottl, parameters: Parameters) -> _Fragments:
    holds = compile_ottl(condition.expression, parameters)
    return _any(holds if condition.scope == "span" else any_span_event(holds)), None


# A node without an id is known by its name.
_NODE = "if(NodeId != '', toString(NodeId), toString(NodeName))"


def _node(condition: Node, parameters: Parameters) -> _Fragments:
    tests = [f"{_NODE} != ''"]
    if condition.ids:
        tests.append(f"has({parameters.texts(condition.ids)}, {_NODE})")
    if condition.types:
        tests.append(f"has({parameters.texts(condition.types)}, NodeType)")
    visited = " AND ".join(tests)
    if not condition.failed:
        return _any(visited), _any(visited)
    outcome = f"['{semconv.BOT_NODE_OUTCOME}'] = 'error'"
    return (
        _any(f"{visited} AND (StatusCode = 'Error' OR SpanAttributes{outcome})"),
        _any(f"{visited} AND (SeverityNumber >= 17 OR LogAttributes{outcome})"),
    )


def _event(condition: Event, parameters: Parameters) -> _Fragments:
    names = parameters.texts(condition.names)

    def holds(name: str, attributes: str) -> str:
        score = f"toFloat64OrZero({attributes}['{semconv.BOT_FEEDBACK_SCORE}'])"
        feedback = f" OR ({name} = '{semconv.EVENT_FEEDBACK}' AND {score} < 0)" if condition.negative_feedback else ""
        return f"has({names}, {name}){feedback}"

    return _any(any_span_event(holds("toString(en)", "ea"))), _any(holds("EventName", "LogAttributes"))


def _waiting_node(_: WaitingNode, __: Parameters) -> _Fragments:
    """Compare the last time a node began to wait with the last time the user spoke; at the same time: it waited."""
    events = f"EventName IN ('{semconv.EVENT_NODE_WAIT}', '{semconv.EVENT_MESSAGE_USER}')"
    order = f"(Timestamp, EventName = '{semconv.EVENT_NODE_WAIT}', LogId)"
    node = f"if(EventName = '{semconv.EVENT_NODE_WAIT}', {_NODE}, '')"
    return None, f"argMaxIf({node}, {order}, {events})"


def _node_path(_: NodePath, __: Parameters) -> _Fragments:
    """Hash the nodes in the order of their start, repetitions of one node as one; spans, or else enter events."""

    def hashed(rows: str) -> str:
        visits = f"groupUniqArrayIf((Timestamp, SpanId, {_NODE}), {rows})"
        path = f"arrayCompact(arrayMap(visit -> visit.3, arraySort({visits})))"
        return f"if(countIf({rows}) = 0, '', lower(hex(sipHash64({path}))))"

    return hashed(f"{_NODE} != ''"), hashed(f"EventName = '{semconv.EVENT_NODE_ENTER}' AND {_NODE} != ''")


def _seen(condition: Seen, _: Parameters) -> _Fragments:
    if condition.of == "intent":
        key = f"['{semconv.BOT_NLU_INTENT}']"
        of_spans = f"arrayConcat([SpanAttributes{key}], arrayMap(a -> a{key}, Events.Attributes))"
        return _uniq(of_spans), _uniq(f"[LogAttributes{key}]")
    column = "toString(FlowId)" if condition.of == "flow" else _NODE
    return _uniq(f"[{column}]"), _uniq(f"[{column}]")


def _uniq(values: str) -> str:
    """The first 64 in order, so that the same rows always give the same."""
    return f"arraySlice(arraySort(groupUniqArrayArray(arrayFilter(x -> x != '', {values}))), 1, 64)"


_COMPILERS = cast(
    "dict[type[Condition], Callable[[Condition, Parameters], _Fragments]]",
    {
        AnyStatus: _status,
        StringAttribute: _string,
        NumericAttribute: _numeric,
        BooleanAttribute: _boolean,
        TraceState: _trace_state,
        SampledFlag: _sampled_flag,
        SpanTime: _span_time,
        Ottl: _ottl,
        Node: _node,
        Event: _event,
        WaitingNode: _waiting_node,
        NodePath: _node_path,
        Seen: _seen,
    },
)
