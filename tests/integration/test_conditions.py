"""Compiled to SQL, each condition says of real stored rows what a plain reading of the records says."""

import pytest

from botlogs_collector.sample import conditions as c
from botlogs_collector.sample.ottl import Scope, parse_condition
from botlogs_collector.store.client import Database
from botlogs_collector.store.conditions import pattern_faults
from tests.support.condition_store import ask, hold, new_trace_id
from tests.support.records import START, LogRecord, Scalar, Span, SpanEvent

SECOND = 1_000_000_000


def _answer(
    database: Database, condition: c.Condition, spans: list[Span] | None = None, logs: list[LogRecord] | None = None
) -> object:
    trace_id = new_trace_id()
    hold(database, {trace_id: spans or []}, {trace_id: logs or []})
    return ask(database, [condition], [[trace_id]])[0][condition.name]


@pytest.mark.parametrize(
    ("values", "regex", "stored", "found"),
    [
        (("gold",), False, "gold", True),
        (("gold",), False, "golden", False),
        (("gold",), True, "marigolds", True),
        (("^gold$",), True, "marigolds", False),
        (("a", "val*"), True, "value1", True),
        (("a.b",), True, "a\nb", False),
        ((".*",), True, "", False),
        (("é.$",), True, "caféx", True),
        (("it's \\ a \"{tab\t}\n",), False, "it's \\ a \"{tab\t}\n", True),
        (("1",), False, 1, False),
        ((), False, "", False),
    ],
)
def test_string_attribute(
    database: Database, values: tuple[str, ...], regex: bool, stored: Scalar, found: bool
) -> None:
    """Exact or RE2, unanchored, the dot stops at line breaks, only texts match, values are never SQL."""
    condition = c.StringAttribute(key="tier", values=values, regex=regex)

    assert _answer(database, condition, [Span(), Span(attributes={"tier": stored})]) is found


def test_a_resource_attribute_counts_like_a_spans(database: Database) -> None:
    """Attributes are looked for on resources and spans; a resource's empty text can match a pattern."""
    exact = c.StringAttribute(key="service.name", values=("shop",))
    anything = c.StringAttribute(key="service.name", values=(".*",), regex=True)

    assert _answer(database, exact, [Span(resource={"service.name": "shop"})]) is True
    assert _answer(database, anything, [Span(resource={"service.name": ""})]) is True
    assert _answer(database, anything, [Span()]) is False


@pytest.mark.parametrize(
    ("minimum", "maximum", "stored", "found"),
    [
        (50, 100, 50, True),
        (50, 100, 100, True),
        (50, 100, 101, False),
        (50, 100, 99.5, True),
        (50, 100, 100.5, False),
        (0, None, "7", False),
        (None, 0, True, False),
        (0, 100, -1, False),
        (None, 5, -(2**63), True),
        (2**63 - 1, None, 2**63 - 1, True),
        (2**63 - 1, None, 2**63 - 2, False),
        (0, None, 1e300, True),
    ],
)
def test_numeric_attribute(
    database: Database, minimum: int | None, maximum: int | None, stored: Scalar, found: bool
) -> None:
    """Bounds are inclusive and exact to 64 bits; whole numbers and fractions count, nothing else does."""
    condition = c.NumericAttribute(key="n", minimum=minimum, maximum=maximum)

    assert _answer(database, condition, [Span(attributes={"n": stored})]) is found


@pytest.mark.parametrize(("stored", "found"), [(True, True), (False, False), ("true", False), (1, False)])
def test_boolean_attribute(database: Database, stored: Scalar, found: bool) -> None:
    """Only a boolean is true."""
    condition = c.BooleanAttribute(key="vip", value=True)

    assert _answer(database, condition, [Span(attributes={"vip": stored})]) is found


@pytest.mark.parametrize(
    ("trace_state", "found"),
    [("k=v", True), ("a=b, k=v\t,c=d", True), ("k=v2", False), ("xk=v", False), ("", False)],
)
def test_trace_state(database: Database, trace_state: str, found: bool) -> None:
    """An entry of the W3C trace state matches whole."""
    assert _answer(database, c.TraceState(key="k", values=("v", "w")), [Span(trace_state=trace_state)]) is found


def test_trace_flags_status_and_time_look_at_all_spans(database: Database) -> None:
    """One span of many is enough, and the time runs from the first start to the last end."""
    spans = [
        Span(span_id="0000000000000001", start=START + 5 * SECOND, duration=SECOND, flags=0x100),
        Span(span_id="0000000000000002", start=START, duration=2 * SECOND, status=2, flags=0x301),
    ]

    assert _answer(database, c.SampledFlag(), spans) is True
    assert _answer(database, c.SampledFlag(), spans[:1]) is False
    assert _answer(database, c.AnyStatus(codes=("Error", "Ok")), spans) is True
    assert _answer(database, c.AnyStatus(codes=("Ok",)), spans) is False
    assert _answer(database, c.SpanTime(), spans) == 6 * SECOND
    assert _answer(database, c.SpanTime(), [], [LogRecord(body="only a log")]) == 0


ON_A_SPAN = [
    ('attributes["plan"] == "gold"', True),
    ('attributes["plan"] != "gold"', False),
    ('attributes["missing"] == nil', True),
    ('attributes["missing"] != "x"', True),
    ('attributes["n"] == 5', True),
    ('attributes["n"] == 5.0', True),
    ('attributes["n"] == "5"', False),
    ('attributes["n"] > 4.5 and attributes["ratio"] < 1', True),
    ('attributes["text5"] == 5', False),
    ('Int(attributes["text5"]) == 5', True),
    ('Int(attributes["huge"]) == nil', True),
    ('Double(attributes["ratio"]) >= 0.25', True),
    ('Int(attributes["more"]) == 2 and Int(attributes["less"]) == -2', True),
    ('Int(attributes["vip"]) == 1 and Int(attributes["plan"]) == nil', True),
    ('attributes["vip"] == true', True),
    ('attributes["vip"] == "true"', False),
    ('IsMatch(attributes["plan"], "o.d$")', True),
    ('IsMatch(attributes["n"], "^5$")', True),
    ('IsMatch(attributes["missing"], ".*")', False),
    ('HasPrefix(attributes["plan"], "go")', True),
    ('HasPrefix(attributes["n"], "5")', False),
    ('not HasPrefix(attributes["n"], "5")', False),
    ('attributes["plan"] == "gold" or HasPrefix(attributes["n"], "5")', True),
    ('HasPrefix(attributes["n"], "5") or attributes["plan"] == "gold"', False),
    ('HasSuffix(name, "rk")', True),
    ('IsString(attributes["plan"]) and IsInt(attributes["n"]) and IsDouble(attributes["ratio"])', True),
    ('IsBool(attributes["vip"]) and not IsString(attributes["vip"])', True),
    ("kind == SPAN_KIND_SERVER", True),
    ("status.code == STATUS_CODE_ERROR", True),
    ('status.message == "boom"', True),
    ("end_time_unix_nano - start_time_unix_nano == 3000000000", True),
    ("(end_time_unix_nano - start_time_unix_nano) / 1000000 > 3000", False),
    ('end_time - start_time > Duration("2s")', True),
    ('end_time - start_time > Duration("3s")', False),
    ('Int(attributes["missing"]) + 1 > 0', False),
    ('Int(attributes["n"]) / 0 > 0', False),
    ("IsRootSpan()", True),
    ('resource.attributes["service.name"] == "shop"', True),
    ('instrumentation_scope.name == "lib"', True),
    ('attributes["plan"] == resource.attributes["plan"]', True),
    ('attributes["n"] == resource.attributes["plan"]', False),
    ('attributes["missing"] == attributes["gone"]', True),
    ('"gold" == attributes["plan"]', True),
    ("true", True),
    ("nil == nil", True),
]


@pytest.fixture(scope="module")
def met_by_a_span(database: Database) -> dict[str, object]:
    """Return whether one and the same span meets each condition of ON_A_SPAN, all asked at once."""
    span = Span(
        kind=2,
        status=2,
        message="boom",
        duration=3 * SECOND,
        attributes={
            "plan": "gold",
            "n": 5,
            "text5": "5",
            "ratio": 0.25,
            "vip": True,
            "huge": "9" * 20,
            "more": 2.75,
            "less": -2.75,
        },
        resource={"service.name": "shop", "plan": "gold"},
    )
    conditions = {text: c.Ottl(scope="span", expression=parse_condition(text, "span")) for text, _ in ON_A_SPAN}
    trace_id = new_trace_id()
    hold(database, {trace_id: [span]}, {})
    (answered,) = ask(database, list(conditions.values()), [[trace_id]])
    return {text: answered[condition.name] for text, condition in conditions.items()}


@pytest.mark.parametrize(("text", "met"), ON_A_SPAN)
def test_ottl_condition_on_a_span(met_by_a_span: dict[str, object], text: str, met: bool) -> None:
    """Each construct of the language means in SQL what its documentation says."""
    assert met_by_a_span[text] is met


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ('name == "retry"', True),
        ('attributes["attempt"] >= 2 and name == "retry"', True),
        ('attributes["attempt"] >= 3', False),
        ('span.name == "work" and name != "retry"', True),
        ('time - span.start_time >= Duration("1s")', True),
        ('resource.attributes["service.name"] == "shop"', True),
    ],
)
def test_ottl_condition_on_a_span_event(database: Database, text: str, met: bool) -> None:
    """A condition holds for one event at a time, not for parts of several."""
    span = Span(
        resource={"service.name": "shop"},
        events=[
            SpanEvent(name="retry", time=START + SECOND, attributes={"attempt": 2}),
            SpanEvent(name="other", attributes={"note": "x"}),
        ],
    )
    condition = c.Ottl(scope="spanevent", expression=parse_condition(text, "spanevent"))

    assert _answer(database, condition, [span]) is met
    assert _answer(database, condition, [Span()]) is False


@pytest.mark.parametrize("scope", ["span", "spanevent"])
def test_rows_of_another_exporter_have_no_types_and_are_read_by_their_text(database: Database, scope: Scope) -> None:
    """Rows that the OpenTelemetry ClickHouse exporter inserted are judged too: a number is what looks like one."""
    trace_id = new_trace_id()
    database.command(
        "INSERT INTO botlogs_ingest.otel_traces (Timestamp, TraceId, SpanId, SpanName, SpanAttributes, "
        "`Events.Timestamp`, `Events.Name`, `Events.Attributes`) VALUES "
        "(now64(9), {id:String}, 'a', 'work', {'n': '7', 'vip': 'true', 'plan': 'gold'}, "
        "[now64(9)], ['e'], [{'n': '7', 'vip': 'true', 'plan': 'gold'}])",
        id=trace_id,
    )
    text = 'attributes["n"] > 6 and attributes["vip"] == true and attributes["plan"] == "gold"'
    conditions: list[c.Condition] = [
        c.Ottl(scope=scope, expression=parse_condition(text, scope)),
        c.NumericAttribute(key="n", minimum=7, maximum=7),
        c.BooleanAttribute(key="vip", value=True),
        c.StringAttribute(key="plan", values=("gold",)),
    ]

    assert list(ask(database, conditions, [[trace_id]])[0].values()) == [True] * 4


def test_nodes_are_found_by_id_type_and_outcome_in_spans_and_logs(database: Database) -> None:
    """A node that is known by log events alone (still running) counts like one with a span."""
    pay = {"bot.node.id": "pay", "bot.node.type": "api"}
    ask_name = {"bot.node.name": "ask", "bot.node.type": "prompt"}

    assert _answer(database, c.Node(ids=("pay",), types=()), [Span(attributes=pay)]) is True
    assert _answer(database, c.Node(ids=("pay",), types=()), [], [LogRecord(attributes=pay)]) is True
    assert _answer(database, c.Node(ids=("pay",), types=("prompt",)), [Span(attributes=pay)]) is False
    assert _answer(database, c.Node(ids=("ask",), types=("prompt",)), [Span(attributes=ask_name)]) is True
    failed = c.Node(ids=(), types=(), failed=True)
    assert _answer(database, failed, [Span(attributes=pay), Span(status=2)]) is False
    assert _answer(database, failed, [Span(attributes=pay, status=2)]) is True
    assert _answer(database, failed, [Span(attributes={**pay, "bot.node.outcome": "error"})]) is True
    assert _answer(database, failed, [], [LogRecord(attributes=pay, severity=17)]) is True


def test_events_are_found_in_log_records_and_span_events(database: Database) -> None:
    """A span event that somebody else sends is an event like a log record."""
    fallback = c.Event(names=("bot.fallback",))
    negative = c.Event(names=(), negative_feedback=True)

    assert _answer(database, fallback, [], [LogRecord(event_name="bot.fallback")]) is True
    assert _answer(database, fallback, [Span(events=[SpanEvent(name="bot.fallback")])]) is True
    assert _answer(database, fallback, [Span()], [LogRecord(event_name="bot.api")]) is False
    for score, found in ((-1.0, True), (0.0, False), (-1, True), (5, False)):
        record = LogRecord(event_name="bot.feedback", attributes={"bot.feedback.score": score})
        assert _answer(database, negative, [], [record]) is found


@pytest.mark.parametrize(
    ("events", "waiting"),
    [
        (["bot.message.user", "bot.node.wait"], "ask"),
        (["bot.node.wait", "bot.message.user"], ""),
        (["bot.node.wait", "bot.message.user", "bot.node.wait", "bot.log"], "ask"),
        (["bot.message.user"], ""),
    ],
)
def test_the_waiting_node_is_the_one_nobody_answered(database: Database, events: list[str], waiting: str) -> None:
    """What counts is whether the user spoke after the last wait."""
    logs = [
        LogRecord(event_name=name, time=START + index, attributes={"bot.node.id": "ask"})
        for index, name in enumerate(events)
    ]

    assert _answer(database, c.WaitingNode(), [], logs) == waiting


def test_the_path_is_the_order_of_nodes_and_nothing_else(database: Database) -> None:
    """Times, ids, duplicates and repetitions change no path; another order does. Enter events tell it like spans."""

    def visits(*nodes: str, offset: int = 0) -> list[Span]:
        return [
            Span(span_id=f"{i + 1 + offset:016x}", start=START + i * (1 + offset), attributes={"bot.node.id": node})
            for i, node in enumerate(nodes)
        ]

    def enters(*nodes: str) -> list[LogRecord]:
        return [
            LogRecord(event_name="bot.node.enter", time=START + i, attributes={"bot.node.id": node})
            for i, node in enumerate(nodes)
        ]

    path = _answer(database, c.NodePath(), visits("a", "b", "c"))

    assert _answer(database, c.NodePath(), list(reversed(visits("a", "b", "b", "c", offset=7)))) == path
    assert _answer(database, c.NodePath(), visits("a", "b", "c") * 2) == path
    assert _answer(database, c.NodePath(), [], enters("a", "b", "c")) == path
    assert _answer(database, c.NodePath(), visits("b", "a", "c")) != path
    assert _answer(database, c.NodePath(), [Span()]) == ""


def test_seen_lists_each_key_once(database: Database) -> None:
    """Flows, nodes and intents of spans, span events and log records together, at most 64."""
    spans = [
        Span(attributes={"bot.flow.id": "order", "bot.node.id": "a"}),
        Span(events=[SpanEvent(attributes={"bot.nlu.intent": "greet"})]),
    ]
    logs = [LogRecord(attributes={"bot.flow.id": "order", "bot.nlu.intent": "buy", "bot.node.name": "b"})]

    assert _answer(database, c.Seen(of="flow"), spans, logs) == ["order"]
    assert _answer(database, c.Seen(of="node"), spans, logs) == ["a", "b"]
    assert _answer(database, c.Seen(of="intent"), spans, logs) == ["buy", "greet"]
    many = [Span(attributes={"bot.flow.id": f"f{i:03}"}) for i in range(100)]
    assert _answer(database, c.Seen(of="flow"), many) == [f"f{i:03}" for i in range(64)]


def test_a_pattern_that_re2_refuses_is_found_before_it_is_used(database: Database) -> None:
    """What only the store can tell is told when policies are loaded, not when conversations are due."""
    conditions: list[c.Condition] = [
        c.StringAttribute(key="k", values=("fine", r"\pX"), regex=True),
        c.StringAttribute(key="k", values=("(",)),
        c.Ottl(scope="span", expression=parse_condition('not IsMatch(name, "[[:alphabet:]]") or true', "span")),
    ]

    faults = pattern_faults(database, conditions)

    assert [fault.split(" is not")[0] for fault in faults] == [r"'\\pX'", "'[[:alphabet:]]'"]
