"""On random conversations the compiled SQL and a plain Python reading of the same condition agree."""

from collections.abc import Sequence
from typing import cast

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from botlogs_collector.sample import conditions as c
from botlogs_collector.sample.ottl import Scope, parse_condition
from botlogs_collector.store.client import Database
from tests.support.condition_store import ask, hold, new_trace_id
from tests.support.plain_reading import node_path, read
from tests.support.records import START, Attributes, LogRecord, Span, SpanEvent

# Few names and few values, so that random conditions are often met and often missed.
KEYS = ("a", "b", "bot.node.id", "bot.node.name", "bot.node.type", "bot.flow.id", "bot.nlu.intent", "bot.node.outcome")
TEXTS = ("", "x", "xy", "5", "-3", "0.5", "true", "error", "é\n", "a'b\\c")
PATTERNS = ("x", "^x$", "y?$", "^[0-9]+$", ".", "é.", "a'", "(?i)X")
SCALARS = st.one_of(
    st.sampled_from(TEXTS),
    st.integers(-4, 6),
    st.sampled_from((2**63 - 1, -(2**63))),
    st.sampled_from((-2.5, 0.0, 0.5, 5.0, 1e9)),
    st.booleans(),
)
# What the plugin and semantic conventions define as text is text.
ATTRIBUTES = st.fixed_dictionaries(
    {}, optional={key: SCALARS if key in {"a", "b"} else st.sampled_from(("", "x", "5", "error")) for key in KEYS}
)
TIMES = st.integers(0, 20).map(lambda step: START + step * 500_000_000)
EVENT_NAMES = ("bot.node.wait", "bot.message.user", "bot.node.enter", "bot.fallback", "bot.feedback", "x", "")
SCORES = st.sampled_from((-1.0, 0.0, 2.5))


def _event_attributes(name: str) -> st.SearchStrategy[Attributes]:
    if name != "bot.feedback":
        return ATTRIBUTES
    return st.builds(_with_score, ATTRIBUTES, SCORES)


def _with_score(attributes: Attributes, score: float) -> Attributes:
    return {**attributes, "bot.feedback.score": score}


SPAN_EVENTS = st.sampled_from(EVENT_NAMES).flatmap(
    lambda name: st.builds(SpanEvent, name=st.just(name), time=TIMES, attributes=_event_attributes(name))
)
SPANS = st.builds(
    Span,
    span_id=st.integers(1, 2**64 - 1).map(lambda number: f"{number:016x}"),
    parent_span_id=st.sampled_from(("", "00f067aa0ba902b7")),
    name=st.sampled_from(TEXTS),
    kind=st.integers(0, 5),
    status=st.integers(0, 2),
    message=st.sampled_from(("", "boom")),
    start=TIMES,
    duration=st.integers(0, 4).map(lambda step: step * 500_000_000),
    trace_state=st.sampled_from(("", "k=v", "a=1, k=w", "k=v,a=2", "k=vv")),
    flags=st.integers(0, 3),
    scope=st.sampled_from(("", "lib")),
    attributes=ATTRIBUTES,
    resource=ATTRIBUTES,
    events=st.lists(SPAN_EVENTS, max_size=2),
)
LOGS = st.sampled_from(EVENT_NAMES).flatmap(
    lambda name: st.builds(
        LogRecord,
        event_name=st.just(name),
        time=TIMES,
        severity=st.sampled_from((9, 17, 21)),
        attributes=_event_attributes(name),
    )
)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _ottl(scope: Scope) -> st.SearchStrategy[str]:
    """Conditions as text, as people write them, so that the parser takes part in the comparison."""
    owners = ("", "span.", "resource.") if scope == "span" else ("", "span.", "resource.", "spanevent.")
    attribute = st.builds("{}attributes[{}]".format, st.sampled_from(owners), st.sampled_from(("a", "b")).map(_quoted))
    text_field = st.sampled_from(("span.name", "span.status.message", "scope.name", "span.trace_state"))
    int_field = st.sampled_from(
        ("span.kind", "span.status.code", "(span.end_time_unix_nano - span.start_time_unix_nano)")
    )
    number = st.one_of(st.integers(-4, 6).map(str), st.sampled_from(("0.5", "5.0", "-2.5", "9223372036854775807")))
    literal = st.one_of(number, st.sampled_from(TEXTS).map(_quoted), st.sampled_from(("true", "false", "nil")))
    anything = st.one_of(attribute, text_field, int_field, literal)
    convertible = st.one_of(attribute, text_field, int_field, number, st.just("true"))
    whole = st.one_of(convertible.map("Int({})".format), int_field, st.integers(-3, 9).map(str))
    fraction = st.one_of(convertible.map("Double({})".format), st.sampled_from(("0.5", "2.0")))
    operator = st.sampled_from(("+", "-", "*", "/"))
    math = st.one_of(*(st.builds("({} {} {})".format, kind, operator, kind) for kind in (whole, fraction)))
    # A fraction as text is written differently by every language: only attributes with a short form are compared.
    value = st.one_of(anything, math, whole, fraction)
    compare = st.sampled_from(("==", "!=", "<", "<=", ">", ">="))
    time = st.sampled_from(("span.start_time", "span.end_time") if scope == "span" else ("span.start_time", "time"))
    lasting = st.builds("({} - {})".format, st.just("span.end_time"), time)
    call = st.one_of(
        st.builds("IsMatch({}, {})".format, st.one_of(attribute, text_field), st.sampled_from(PATTERNS).map(_quoted)),
        st.builds("HasPrefix({}, {})".format, anything, st.sampled_from(("x", "")).map(_quoted)),
        st.builds("HasSuffix({}, {})".format, st.one_of(attribute, text_field), st.just('"y"')),
        st.builds("{}({})".format, st.sampled_from(("IsString", "IsInt", "IsDouble", "IsBool")), anything),
        st.just("IsRootSpan()"),
    )
    leaf = st.one_of(
        st.builds("{} {} {}".format, value, compare, value),
        st.builds("{} {} {}".format, attribute, compare, literal),
        st.builds('{} {} Duration("1s")'.format, lasting, compare),
        call,
    )
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.builds("not ({})".format, inner),
            st.builds("({}) and ({})".format, inner, inner),
            st.builds("({}) or ({})".format, inner, inner),
        ),
        max_leaves=4,
    )


def _ottl_condition(scope: Scope) -> st.SearchStrategy[c.Condition]:
    return _ottl(scope).map(lambda text: c.Ottl(scope=scope, expression=parse_condition(text, scope)))


# An example is a transaction with a real engine.
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]
A_KEY = st.sampled_from(KEYS)
BOUNDS = st.one_of(st.none(), st.integers(-4, 6))
OPTIONAL_NAMES = st.sampled_from(((), ("x",), ("x", "5")))
CONDITIONS: st.SearchStrategy[c.Condition] = st.one_of(
    _ottl_condition("span"),
    _ottl_condition("spanevent"),
    st.builds(c.AnyStatus, codes=st.sampled_from((("Error",), ("Ok", "Unset")))),
    st.builds(c.StringAttribute, key=A_KEY, values=st.lists(st.sampled_from(TEXTS[1:]), max_size=2).map(tuple)),
    st.builds(c.StringAttribute, key=A_KEY, values=st.tuples(st.sampled_from(PATTERNS)), regex=st.just(value=True)),
    st.builds(c.NumericAttribute, key=st.sampled_from(("a", "b")), minimum=BOUNDS, maximum=BOUNDS).filter(
        lambda each: each.minimum is not None or each.maximum is not None
    ),
    st.builds(c.BooleanAttribute, key=st.sampled_from(("a", "b")), value=st.booleans()),
    st.builds(c.TraceState, key=st.just("k"), values=st.sampled_from((("v",), ("w", "vv")))),
    st.builds(c.SampledFlag),
    st.builds(c.SpanTime),
    st.builds(c.Node, ids=OPTIONAL_NAMES, types=OPTIONAL_NAMES, failed=st.booleans()),
    st.builds(c.Event, names=st.sampled_from(((), ("bot.fallback",), ("x",))), negative_feedback=st.booleans()),
    st.builds(c.WaitingNode),
    st.builds(c.Seen, of=st.sampled_from(("flow", "node", "intent"))),
)  # fmt: skip
# A conversation: the spans of its one or two traces, and log records.
CONVERSATIONS = st.tuples(
    st.lists(st.lists(SPANS, max_size=3), min_size=1, max_size=2),
    st.lists(LOGS, max_size=4, unique_by=lambda r: r.time),
)


Conversation = tuple[list[list[Span]], list[LogRecord]]


def _held(
    database: Database, conversations: list[Conversation]
) -> list[tuple[dict[str, Sequence[Span]], list[LogRecord]]]:
    """Store the conversations, all at once, and return them by trace id."""
    named = [({new_trace_id(): spans for spans in traces}, logs) for traces, logs in conversations]
    spans = {trace_id: each for traces, _ in named for trace_id, each in traces.items()}
    hold(database, spans, {next(iter(traces)): logs for traces, logs in named})
    return cast("list[tuple[dict[str, Sequence[Span]], list[LogRecord]]]", named)


@settings(max_examples=50, deadline=None, suppress_health_check=SLOW)
@given(st.lists(CONVERSATIONS, min_size=1, max_size=12), st.lists(CONDITIONS, min_size=1, max_size=12))
def test_the_compiled_sql_agrees_with_the_plain_reading(
    database: Database, conversations: list[Conversation], conditions: Sequence[c.Condition]
) -> None:
    """For every conversation and condition, the store's answer is what reading the records gives."""
    named = _held(database, conversations)

    found = ask(database, conditions, [list(traces) for traces, _ in named])

    for (traces, logs), answered in zip(named, found, strict=True):
        for condition in conditions:
            assert answered[condition.name] == read(condition, traces, logs), condition


@settings(max_examples=20, deadline=None, suppress_health_check=SLOW)
@given(st.lists(CONVERSATIONS, min_size=2, max_size=12))
def test_two_conversations_have_the_same_path_hash_exactly_if_they_took_the_same_path(
    database: Database, conversations: list[Conversation]
) -> None:
    """The hash stands for the order of nodes, for all of a conversation's traces together."""
    named = _held(database, conversations)

    found = ask(database, [c.NodePath()], [list(traces) for traces, _ in named])

    hashes = {answered[c.NodePath().name] for answered in found}
    paths = {node_path([span for spans in traces.values() for span in spans], logs) for traces, logs in named}
    assert len(hashes) == len(paths)
