"""*Collector*: what comes in, what is held, how late it is released, what was decided and what that saves."""

from typing import Final

from botlogs_dashboards.grafana import variables
from botlogs_dashboards.grafana.model import Column, Dashboard, Panel, Query, Row
from botlogs_dashboards.grafana.sources import CONVERSATIONS, HOURS, RECEIPTS, TOTALS

_EXACT: Final = "Exact: counted on arrival, before sampling."
_KEPT: Final = "Decision = 'keep' OR Status IN ('restoring', 'restored')"
_DECIDED: Final = "Of what was decided in the time range; what was restored counts as kept."
_LAG: Final = "greatest(0, toUnixTimestamp64Nano(ReleasedAt) - toUnixTimestamp64Nano(AvailableAt)) / 1000000000"


def dashboard(console_url: str) -> Dashboard:
    """Return the dashboard."""
    return Dashboard(
        uid="botlogs-collector",
        title="Collector",
        description="Ingest, hold, release, decisions and what sampling saves.",
        variables=[
            variables.datasource(),
            variables.console(console_url),
            variables.environments(),
            variables.bots(),
        ],
        panels=[
            Row(title="Ingest"), *_ingest(),
            Row(title="Hold and release"), *_release(),
            Row(title="Decisions and costs"), *_decisions(),
        ],
    )  # fmt: skip


def _ingest() -> list[Panel]:
    return [
        _series(title, description, f"""
SELECT {HOURS} AS time, Environment AS environment, {value}
FROM {TOTALS}
GROUP BY time, environment
ORDER BY time""", unit, width=8)
        for title, description, value, unit in (
            ("Spans", f"By hour of arrival. {_EXACT}", "sum(Spans) AS spans", "short"),
            ("Log events", f"By hour of arrival. {_EXACT}", "sum(LogEvents) AS log_events", "short"),
            ("Bytes", f"As received, uncompressed, by hour of arrival. {_EXACT}", "sum(Bytes) AS bytes", "bytes"),
        )
    ]  # fmt: skip


def _release() -> list[Panel]:
    return [
        Panel(
            type="table", title="Conversations by state", width=12,
            description="Of those that began in the time range. Ongoing and held ones wait, with nobody reading them.",
            columns=[Column(name="bytes", unit="bytes")],
            queries=[Query(sql=f"""
SELECT
    State AS state, count() AS conversations,
    sum(Spans) AS spans, sum(LogEvents) AS log_events, sum(Bytes) AS bytes,
    minIf(fromUnixTimestamp64Nano(AvailableUnixNano), State = 'held') AS oldest_due
FROM {CONVERSATIONS}
GROUP BY state
ORDER BY conversations DESC""")],
        ),
        _series("Release lag", "From when it was due to when it could be read; restored ones are left out.", f"""
SELECT
    $__timeInterval(DecidedAt) AS time,
    quantileExact(0.5)({_LAG}) AS p50, quantileExact(0.99)({_LAG}) AS p99, max({_LAG}) AS slowest
FROM {RECEIPTS}
    AND Status = 'released'
GROUP BY time
ORDER BY time""", "s"),
        Panel(
            type="stat", title="Overdue now", width=6, height=4,
            description="Held conversations whose delay passed more than a minute ago: does a collector release?",
            queries=[Query(sql=f"""
SELECT count() AS overdue
FROM {CONVERSATIONS}
    AND State = 'held' AND AvailableUnixNano < toUnixTimestamp64Nano(now64(9)) - 60000000000""")],
        ),
        Panel(
            type="stat", title="Late rows", width=6, height=4,
            description="Arrived after their conversation was decided, and followed the decision.",
            queries=[Query(sql=f"SELECT sum(LateRows) AS late_rows FROM {RECEIPTS}")],
        ),
        Panel(
            type="stat", title="Incomplete releases", width=6, height=4,
            description="The hold's retention ended before all of it could be moved.",
            queries=[Query(sql=f"SELECT countIf(NOT Complete) AS incomplete FROM {RECEIPTS}")],
        ),
        Panel(
            type="stat", title="Without an environment", width=6, height=4,
            description="Came without one and counted as the default environment.",
            queries=[Query(sql=f"SELECT countIf(NOT EnvironmentGiven) AS without_environment FROM {RECEIPTS}")],
        ),
    ]  # fmt: skip


def _decisions() -> list[Panel]:
    return [
        _share("Conversations kept", "count()", f"countIf({_KEPT})"),
        _share("Spans kept", "sum(Spans)", f"sumIf(Spans, {_KEPT})"),
        _share("Bytes kept", "sum(Bytes)", f"sumIf(Bytes, {_KEPT})"),
        Panel(
            type="stat", title="Bytes not stored", width=6, height=4, unit="bytes", description=_DECIDED,
            queries=[Query(sql=f"SELECT sumIf(Bytes, NOT ({_KEPT})) AS bytes FROM {RECEIPTS}")],
        ),
        _series("Decisions", _DECIDED, f"""
SELECT $__timeInterval(DecidedAt) AS time, toString(Status) AS status, count() AS conversations
FROM {RECEIPTS}
GROUP BY time, status
ORDER BY time"""),
        _series("Bytes kept and dropped", f"As received, uncompressed. {_DECIDED}", f"""
SELECT $__timeInterval(DecidedAt) AS time, sumIf(Bytes, {_KEPT}) AS kept, sumIf(Bytes, NOT ({_KEPT})) AS dropped
FROM {RECEIPTS}
GROUP BY time
ORDER BY time""", "bytes"),
        Panel(
            type="table", title="By policy", width=12, height=10,
            description=f"What each policy kept and dropped, and the errors that nobody will see. {_DECIDED}",
            columns=[Column(name="kept_bytes", unit="bytes"), Column(name="dropped_bytes", unit="bytes")],
            queries=[Query(sql=f"""
SELECT
    Environment AS environment, if(DecidedBy = '', '(no policy)', DecidedBy) AS policy,
    countIf({_KEPT}) AS kept, countIf(NOT ({_KEPT})) AS dropped,
    sumIf(Bytes, {_KEPT}) AS kept_bytes, sumIf(Bytes, NOT ({_KEPT})) AS dropped_bytes,
    sumIf(Errors, NOT ({_KEPT})) AS dropped_errors
FROM {RECEIPTS}
GROUP BY environment, policy
ORDER BY kept + dropped DESC
LIMIT 500""")],
        ),
        Panel(
            type="table", title="Dropped, those with errors first", width=12, height=10,
            description="Restorable in the console until the hold's retention ends.",
            columns=[
                Column(name="conversation", link="${console}/conversations/${__data.fields.id:percentencode}"),
                Column(name="bytes", unit="bytes"),
                Column(name="id", hidden=True),
            ],
            queries=[Query(sql=f"""
SELECT
    DecidedAt AS decided, if(ConversationId = '', TraceIds[1], ConversationId) AS conversation,
    BotId AS bot, Environment AS environment, DecidedBy AS policy,
    Turns AS turns, Errors AS errors, Bytes AS bytes, TraceIds[1] AS id
FROM {RECEIPTS}
    AND Status = 'dropped'
ORDER BY errors DESC, decided DESC
LIMIT 200""")],
        ),
    ]  # fmt: skip


def _share(title: str, all_of: str, kept: str) -> Panel:
    sql = f"SELECT if({all_of} = 0, NULL, {kept} / {all_of}) AS share FROM {RECEIPTS}"
    return Panel(
        type="stat", title=title, width=6, height=4, unit="percentunit", description=_DECIDED, queries=[Query(sql=sql)]
    )


def _series(title: str, description: str, sql: str, unit: str = "short", width: int = 12) -> Panel:
    queries = [Query(sql=sql, format="timeseries")]
    return Panel(type="timeseries", title=title, description=description, unit=unit, width=width, queries=queries)
