"""*Flow health*: one flow as a graph, with where conversations go, fail and are left."""

from typing import Final

from botlogs_dashboards.grafana import variables
from botlogs_dashboards.grafana.model import Column, Dashboard, Panel, Query, Row
from botlogs_dashboards.grafana.sources import HOURS, TOTALS
from botlogs_dashboards.grafana.variables import chosen, text_of

_FLOW: Final = text_of("flow")
_TOTALS: Final = f"{TOTALS}\n    AND FlowId = {_FLOW} AND NodeId != ''"
_LINK: Final = "${console}/flows/${flow:percentencode}?node=${__data.fields.id:percentencode}"
_ESTIMATE: Final = "Of readable conversations, each weighted by how many it stands for."

# A visit is a node action, whether its span has come or only its enter event; sent twice it is one.
_READABLE: Final = f"""FlowId = {_FLOW} AND $__timeFilter(Timestamp) AND ReceivedAt >= $__fromTime - toIntervalDay(1)
        AND {chosen("Environment", "environment")}
        AND {chosen("BotId", "bot")}"""
_VISITS: Final = f"""
    SELECT
        TraceId, SpanId, any(v.NodeId) AS NodeId, any(v.NodeName) AS NodeName, any(v.NodeType) AS NodeType,
        min(v.Started) AS Started, max(v.Failed) AS Failed, max(v.Took) AS Took, max(v.Weight) AS Weight
    FROM
    (
        SELECT
            TraceId, SpanId,
            toString(NodeId) AS NodeId, toString(NodeName) AS NodeName, toString(NodeType) AS NodeType,
            Timestamp AS Started, StatusCode = 'Error' AS Failed, Weight,
            if(SpanAttributes['bot.node.outcome'] = 'waiting', 0, Duration) AS Took
        FROM botlogs.otel_traces
        WHERE NodeId != '' AND {_READABLE}
        UNION ALL
        SELECT TraceId, SpanId, toString(NodeId), toString(NodeName), toString(NodeType), Timestamp, false, Weight, 0
        FROM botlogs.otel_logs
        WHERE EventName = 'bot.node.enter' AND {_READABLE}
    ) AS v
    GROUP BY TraceId, SpanId"""
_STEPS: Final = f"""
    SELECT *,
        leadInFrame(NodeId) OVER path AS Next,
        row_number() OVER path = count() OVER (PARTITION BY TraceId) AS IsLast
    FROM ({_VISITS}
    )
    WINDOW path AS (
        PARTITION BY TraceId ORDER BY Started, SpanId ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)"""
# Where the newest definition lets no way lead on, an end is no drop-off; without one, ways that were seen count.
_DECLARED: Final = f"""
    (
        SELECT arrayMap(e -> JSONExtractString(e, 'from'), JSONExtractArrayRaw(argMax(Definition, SeenAt), 'edges'))
        FROM botlogs.flows
        WHERE FlowId = {_FLOW} AND {chosen("Environment", "environment")} AND {chosen("BotId", "bot")}
    )"""
_NODES: Final = f"""
    SELECT
        NodeId AS id,
        if(any(NodeName) = '', id, any(NodeName)) AS title,
        any(NodeType) AS subtitle,
        round(sum(Weight)) AS visits,
        round(sumIf(Weight, Failed)) AS errors,
        has(declared, id) OR (empty(declared) AND countIf(NOT IsLast) > 0) AS leads_on,
        if(leads_on, round(sumIf(Weight, IsLast)), 0) AS drop_off,
        quantileExactWeightedIf(0.5)(Took / 1000000, toUInt64(round(Weight * 1000)), Took > 0) AS median
    FROM ({_STEPS}
    )
    GROUP BY NodeId"""


def dashboard(console_url: str) -> Dashboard:
    """Return the dashboard."""
    return Dashboard(
        uid="botlogs-flow",
        title="Flow health",
        description="One flow: visits, errors and where conversations are left.",
        variables=[
            variables.datasource(),
            variables.console(console_url),
            variables.environments(),
            variables.bots(),
            variables.one_flow(),
        ],
        panels=[_graph(), Row(title="Nodes"), _drop_off(), _exact(), *_over_time()],
    )


def _graph() -> Panel:
    return Panel(
        type="nodeGraph", title="$flow", width=24, height=16,
        description=f"The ring: passed (green), failed (red), left here though the flow leads on (orange). {_ESTIMATE}",
        columns=[
            Column(name="arc__passed", color="green"),
            Column(name="arc__failed", color="red"),
            Column(name="arc__left", color="orange"),
            Column(name="id", link=_LINK, link_title="Go to node"),
        ],
        queries=[
            Query(ref_id="nodes", sql=f"""
WITH {_DECLARED} AS declared
SELECT
    id, title, subtitle,
    concat(toString(visits), ' visits') AS mainstat,
    concat(toString(drop_off), ' left here') AS secondarystat,
    least(1, errors / visits) AS arc__failed,
    least(1 - arc__failed, drop_off / visits) AS arc__left,
    1 - arc__failed - arc__left AS arc__passed,
    errors AS detail__errors,
    if(isNaN(median), NULL, round(median, 1)) AS detail__median_ms
FROM ({_NODES}
)
WHERE visits > 0
ORDER BY visits DESC
LIMIT 200"""),
            Query(ref_id="edges", sql=f"""
SELECT
    concat(source, ' → ', target) AS id, NodeId AS source, Next AS target,
    toString(round(sum(Weight))) AS mainstat,
    concat(toString(round(100 * sum(Weight) / sum(sum(Weight)) OVER (PARTITION BY source), 1)), ' %') AS secondarystat
FROM ({_STEPS}
)
WHERE NOT IsLast
GROUP BY source, target
ORDER BY sum(Weight) DESC
LIMIT 1000"""),
        ],
    )  # fmt: skip


def _drop_off() -> Panel:
    return Panel(
        type="table", title="Drop-off", height=10,
        description=f"Conversations that went no further though the flow leads on; time without waits. {_ESTIMATE}",
        columns=[
            Column(name="id", link=_LINK, link_title="Go to node"),
            Column(name="drop_off_share", unit="percentunit"),
            Column(name="median", unit="ms"),
        ],
        queries=[Query(sql=f"""
WITH {_DECLARED} AS declared
SELECT
    id, title, visits, errors, drop_off, drop_off / visits AS drop_off_share,
    if(isNaN(median), NULL, median) AS median
FROM ({_NODES}
)
WHERE visits > 0
ORDER BY drop_off DESC, visits DESC
LIMIT 500""")],
    )  # fmt: skip


def _exact() -> Panel:
    return Panel(
        type="table", title="Exact totals by node", height=10,
        description="Counted on arrival, before sampling. Where no enter event came, spans are counted.",
        columns=[Column(name="id", link=_LINK, link_title="Go to node")],
        queries=[Query(sql=f"""
SELECT
    NodeId AS id,
    sumIf(LogEvents, EventName = 'bot.node.enter') AS entered,
    if(entered > 0, entered, sum(Spans)) AS visits,
    sum(Errors) AS errors,
    sumIf(LogEvents, EventName = 'bot.fallback') AS fallbacks,
    sumIf(LogEvents, EventName = 'bot.handoff') AS handoffs
FROM {_TOTALS}
GROUP BY id
ORDER BY visits DESC
LIMIT 500""")],
    )  # fmt: skip


def _over_time() -> list[Panel]:
    return [
        Panel(
            type="timeseries", title=title, description="By hour of arrival. Exact: counted before sampling.",
            queries=[Query(format="timeseries", sql=f"""
SELECT {HOURS} AS time, NodeId AS node, {value}
FROM {_TOTALS}
GROUP BY time, node
ORDER BY time""")],
        )
        for title, value in (
            ("Visits by node", "sumIf(LogEvents, EventName = 'bot.node.enter') AS visits"),
            ("Errors by node", "sum(Errors) AS errors"),
        )
    ]  # fmt: skip
