"""*One conversation*: its state, its logs and its trace, with links to the console's node and timestamp."""

from typing import Final

from botlogs_dashboards.grafana import variables
from botlogs_dashboards.grafana.model import Column, Dashboard, Panel, Query, Row
from botlogs_dashboards.grafana.variables import text_of

_CONVERSATION: Final = text_of("conversation")
_TRACES: Final = f"""SELECT TraceId FROM botlogs.trace_state
    WHERE TraceId = {_CONVERSATION} OR (ConversationId = {_CONVERSATION} AND ConversationId != '')"""
_CONSOLE: Final = "${console}/conversations/${conversation:percentencode}"
_AT: Final = f"{_CONSOLE}?at=${{__data.fields.at:percentencode}}"
_HELD: Final = "Empty while the conversation is held, and for ever if it was dropped: see its state above."


def dashboard(console_url: str) -> Dashboard:
    """Return the dashboard."""
    traces = f"""
SELECT TraceId FROM botlogs.trace_state
WHERE TraceId IN ({_TRACES})
GROUP BY TraceId
ORDER BY min(FirstTimestamp)
LIMIT 100"""
    return Dashboard(
        uid="botlogs-conversation",
        title="One conversation",
        description="A conversation by its id or trace id, whatever the time range.",
        variables=[
            variables.datasource(),
            variables.console(console_url),
            variables.written("conversation", "Conversation or trace id"),
            variables.one("trace", "Trace", traces),
        ],
        panels=[_state(), _receipts(), Row(title="What happened"), _nodes(), _logs(), _trace()],
    )


def _state() -> Panel:
    return Panel(
        type="table", title="State", width=24, height=4,
        description="Counts as received, whether it may be read or not.",
        columns=[Column(name="conversation", link=_CONSOLE)],
        queries=[Query(sql=f"""
SELECT
    if(ConversationId = '', TraceId, ConversationId) AS conversation,
    State AS state, BotId AS bot, Environment AS environment, Channel AS channel,
    FirstTimestamp AS started, LastTimestamp AS last_activity,
    if(EndedUnixNano > 0 AND State != 'ongoing', fromUnixTimestamp64Nano(EndedUnixNano), NULL) AS ended,
    if(ended IS NULL, '', EndRule) AS end_rule,
    if(AvailableUnixNano > 0 AND State != 'ongoing', fromUnixTimestamp64Nano(AvailableUnixNano), NULL) AS readable_at,
    Turns AS turns, NodeActions AS node_actions, LogEvents AS log_events, Errors AS errors
FROM botlogs.conversations
WHERE hasAny(TraceIds, (SELECT groupArray(TraceId) FROM ({_TRACES})))
LIMIT 100""")],
    )  # fmt: skip


def _receipts() -> Panel:
    return Panel(
        type="table", title="Receipts", width=24, height=5,
        description="One row an episode that was decided: by which policy, from what, and what became of it.",
        columns=[Column(name="bytes", unit="bytes")],
        queries=[Query(sql=f"""
SELECT
    Episode AS episode, Status AS status,
    Decision AS decision, DecidedBy AS decided_by, Votes AS votes, EndRule AS end_rule,
    EndedAt AS ended, AvailableAt AS due, nullIf(ReleasedAt, toDateTime64(0, 9)) AS released,
    Spans AS spans, LogEvents AS log_events, Errors AS errors, Bytes AS bytes, Weight AS weight, Complete AS complete
FROM botlogs.receipts FINAL
WHERE hasAny(TraceIds, (SELECT groupArray(TraceId) FROM ({_TRACES})))
ORDER BY episode
LIMIT 100""")],
    )  # fmt: skip


def _nodes() -> Panel:
    return Panel(
        type="table", title="Nodes in order", width=24, height=8, description=_HELD,
        columns=[
            Column(name="node", link=f"{_AT}&view=node", link_title="Go to node"),
            Column(name="entered", link=f"{_AT}&view=logs", link_title="View logs"),
            Column(name="at", hidden=True),
        ],
        queries=[Query(sql=f"""
SELECT
    min(v.Timestamp) AS entered, any(v.TurnIndex) AS turn, any(v.FlowId) AS flow, any(v.FlowVersion) AS version,
    any(v.NodeId) AS node, any(v.NodeName) AS name, any(v.NodeType) AS type, max(v.Failed) AS failed,
    toString(toUnixTimestamp64Nano(min(v.Timestamp))) AS at
FROM
(
    SELECT
        TraceId, SpanId, Timestamp, TurnIndex, FlowId, FlowVersion, NodeId, NodeName, NodeType,
        StatusCode = 'Error' AS Failed
    FROM botlogs.otel_traces WHERE NodeId != '' AND TraceId IN ({_TRACES})
    UNION ALL
    SELECT TraceId, SpanId, Timestamp, TurnIndex, FlowId, FlowVersion, NodeId, NodeName, NodeType, false
    FROM botlogs.otel_logs WHERE EventName = 'bot.node.enter' AND TraceId IN ({_TRACES})
) AS v
GROUP BY TraceId, SpanId
ORDER BY entered
LIMIT 5000""")],
    )  # fmt: skip


def _logs() -> Panel:
    return Panel(
        type="logs", title="Logs", width=24, height=14, description=_HELD,
        columns=[
            Column(name="at", link=f"{_AT}&view=logs", link_title="View logs in the console"),
            Column(name="node", link=f"{_AT}&view=node", link_title="Go to node"),
        ],
        queries=[Query(format="logs", sql=f"""
SELECT
    Timestamp AS timestamp,
    multiIf(Body != '', Body, EventName != '', toString(EventName), '(empty)') AS body,
    multiIf(SeverityNumber >= 21, 'fatal', SeverityNumber >= 17, 'error', SeverityNumber >= 13, 'warn',
        SeverityNumber >= 9, 'info', SeverityNumber >= 5, 'debug', SeverityNumber >= 1, 'trace', 'unknown') AS level,
    LogAttributes AS labels,
    EventName AS event,
    NodeId AS node,
    toString(toUnixTimestamp64Nano(Timestamp)) AS at,
    TraceId AS traceID
FROM botlogs.otel_logs
WHERE TraceId IN ({_TRACES})
ORDER BY timestamp, LogId
LIMIT 1 BY TraceId, Timestamp, LogId
LIMIT 5000""")],
    )  # fmt: skip


def _trace() -> Panel:
    tags = "arrayMap(key -> map('key', toString(key), 'value', {0}[key]), mapKeys({0}))"
    return Panel(
        type="traces", title="Trace", width=24, height=16, description=_HELD,
        queries=[Query(format="traces", sql=f"""
SELECT
    TraceId AS traceID,
    SpanId AS spanID,
    ParentSpanId AS parentSpanID,
    ServiceName AS serviceName,
    SpanName AS operationName,
    Timestamp AS startTime,
    Duration / 1000000 AS duration,
    {tags.format("SpanAttributes")} AS tags,
    {tags.format("ResourceAttributes")} AS serviceTags,
    if(StatusCode = 'Error', 2, 0) AS statusCode,
    StatusMessage AS statusMessage,
    SpanKind AS kind
FROM botlogs.otel_traces
WHERE TraceId = {text_of("trace")}
ORDER BY startTime, spanID
LIMIT 1 BY TraceId, SpanId
LIMIT 5000""")],
    )  # fmt: skip
