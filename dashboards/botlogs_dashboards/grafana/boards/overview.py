"""*Bots overview*: how much goes on, how well, and where to look."""

from typing import Final

from botlogs_dashboards.grafana import variables
from botlogs_dashboards.grafana.model import Column, Dashboard, Panel, Query, Row
from botlogs_dashboards.grafana.sources import (
    CONVERSATIONS_OF_NODES,
    HOURS,
    TOTALS_OF_NODES,
    TURNS,
    WEIGHT,
)

_EXACT: Final = "Exact: counted on arrival, before sampling."
_ESTIMATE: Final = "Of readable conversations, each weighted by how many it stands for."


def dashboard(console_url: str) -> Dashboard:
    """Return the dashboard."""
    return Dashboard(
        uid="botlogs-overview",
        title="Bots overview",
        description="Conversations, turns, errors, latency, ends, handoffs and fallbacks of all bots.",
        variables=[
            variables.datasource(),
            variables.console(console_url),
            variables.environments(),
            variables.bots(),
            variables.flows(),
            variables.nodes(),
        ],
        panels=[
            Row(title="At a glance"),
            *_figures(),
            Row(title="Over time"),
            *_over_time(),
            Row(title="Where"),
            *_where(),
        ],
    )


def _figures() -> list[Panel]:
    return [
        _figure("Conversations", f"SELECT count() AS conversations FROM {CONVERSATIONS_OF_NODES}"),
        _figure("Turns", f"SELECT sum(Turns) AS turns FROM {CONVERSATIONS_OF_NODES}"),
        _figure("Errors", f"SELECT sum(Errors) AS errors FROM {TOTALS_OF_NODES}"),
        _figure("Handoffs", _events("bot.handoff", "handoffs")),
        _figure("Fallbacks", _events("bot.fallback", "fallbacks")),
        Panel(
            type="stat", title="Turn latency, 95th percentile", width=4, height=4, unit="ms",
            description=f"Without the user's thinking time. {_ESTIMATE} Not narrowed by flow and node.",
            queries=[Query(sql=f"SELECT if(count() = 0, NULL, {_quantile(0.95)}) AS p95 FROM {TURNS}")],
        ),
    ]  # fmt: skip


def _figure(title: str, sql: str) -> Panel:
    return Panel(type="stat", title=title, width=4, height=4, description=_EXACT, queries=[Query(sql=sql)])


def _events(name: str, alias: str) -> str:
    return f"SELECT sum(LogEvents) AS {alias} FROM {TOTALS_OF_NODES}\n    AND EventName = '{name}'"


def _quantile(level: float) -> str:
    return f"quantileExactWeighted({level})(Duration / 1000000, {WEIGHT})"


def _over_time() -> list[Panel]:
    began = "$__timeInterval(FirstReceivedAt)"
    return [
        _series("Conversations by environment", f"""
SELECT {began} AS time, Environment AS environment, count() AS conversations
FROM {CONVERSATIONS_OF_NODES}
GROUP BY time, environment
ORDER BY time""", f"By when they began. {_EXACT}"),
        _series("Turns by bot", f"""
SELECT {began} AS time, BotId AS bot, sum(Turns) AS turns
FROM {CONVERSATIONS_OF_NODES}
GROUP BY time, bot
ORDER BY time""", f"By when their conversation began. {_EXACT}"),
        _series("Errors by bot", f"""
SELECT {HOURS} AS time, BotId AS bot, sum(Errors) AS errors
FROM {TOTALS_OF_NODES}
GROUP BY time, bot
ORDER BY time""", f"Spans that failed and log events from ERROR up, by hour of arrival. {_EXACT}"),
        _series("Handoffs and fallbacks", f"""
SELECT
    {HOURS} AS time,
    sumIf(LogEvents, EventName = 'bot.handoff') AS handoffs,
    sumIf(LogEvents, EventName = 'bot.fallback') AS fallbacks,
    sumIf(LogEvents, EventName = 'bot.validation.fail') AS failed_validations
FROM {TOTALS_OF_NODES}
GROUP BY time
ORDER BY time""", f"By hour of arrival. {_EXACT}"),
        _series("Turn latency", f"""
SELECT $__timeInterval(Timestamp) AS time, {_quantile(0.5)} AS p50, {_quantile(0.95)} AS p95, {_quantile(0.99)} AS p99
FROM {TURNS}
GROUP BY time
ORDER BY time""", f"Without the user's thinking time. {_ESTIMATE} Not narrowed by flow and node.", unit="ms"),
        Panel(
            type="piechart", title="How conversations ended", description=_EXACT,
            queries=[Query(sql=f"""
SELECT EndRule AS end_rule, count() AS conversations
FROM {CONVERSATIONS_OF_NODES}
    AND State != 'ongoing' AND EndRule != ''
GROUP BY end_rule
ORDER BY conversations DESC""")],
        ),
    ]  # fmt: skip


def _series(title: str, sql: str, description: str, unit: str = "short") -> Panel:
    queries = [Query(sql=sql, format="timeseries")]
    return Panel(type="timeseries", title=title, description=description, unit=unit, queries=queries)


def _where() -> list[Panel]:
    return [
        Panel(
            type="table", title="By bot, flow and node", width=24, height=10, description=_EXACT,
            columns=[
                Column(
                    name="node",
                    link="${console}/flows/${__data.fields.flow:percentencode}?node=${__data.fields.node:percentencode}",
                ),
                Column(
                    name="flow", link="/d/botlogs-flow?var-flow=${__data.fields.flow:percentencode}",
                    link_title="Flow health",
                ),
            ],
            queries=[Query(sql=f"""
SELECT
    Environment AS environment, BotId AS bot, FlowId AS flow, NodeId AS node,
    sumIf(LogEvents, EventName = 'bot.node.enter') AS entered,
    sum(Errors) AS errors,
    sumIf(LogEvents, EventName = 'bot.fallback') AS fallbacks,
    sumIf(LogEvents, EventName = 'bot.handoff') AS handoffs,
    sumIf(LogEvents, EventName = 'bot.validation.fail') AS failed_validations,
    sum(Spans) AS spans,
    sum(LogEvents) AS log_events
FROM {TOTALS_OF_NODES}
GROUP BY environment, bot, flow, node
ORDER BY errors DESC, fallbacks DESC, entered DESC
LIMIT 500""")],
        ),
        Panel(
            type="table", title="Newest conversations", width=24, height=10,
            description="Kept or not. What is held or was dropped shows its counts, and not one word of its content.",
            columns=[
                Column(name="conversation", link="${console}/conversations/${__data.fields.id:percentencode}"),
                Column(
                    name="state", link="/d/botlogs-conversation?var-conversation=${__data.fields.id:percentencode}",
                    link_title="One conversation",
                ),
                Column(name="id", hidden=True),
            ],
            queries=[Query(sql=f"""
SELECT
    FirstTimestamp AS started,
    if(ConversationId = '', TraceId, ConversationId) AS conversation,
    State AS state, BotId AS bot, Environment AS environment, Channel AS channel,
    Turns AS turns, NodeActions AS node_actions, LogEvents AS log_events, Errors AS errors,
    TraceId AS id
FROM {CONVERSATIONS_OF_NODES}
ORDER BY started DESC
LIMIT 200""")],
        ),
    ]  # fmt: skip
