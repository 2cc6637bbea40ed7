"""The parts of SQL that several panels share: which rows of which public table count."""

from typing import Final

from botlogs_dashboards.grafana.variables import any_chosen, chosen

TOTALS: Final = f"""botlogs.totals
WHERE Hour >= toStartOfHour($__fromTime) AND Hour <= $__toTime
    AND {chosen("Environment", "environment")}
    AND {chosen("BotId", "bot")}"""
"""Everything received, by hour of arrival: exact whatever was sampled."""

TOTALS_OF_NODES: Final = f"""{TOTALS}
    AND {chosen("FlowId", "flow")}
    AND {chosen("NodeId", "node")}"""

HOURS: Final = "toStartOfInterval(Hour, toIntervalSecond(greatest($__interval_s, 3600)))"
"""The bucket of a row of totals: never finer than the hours that there are."""

# Days before the range: a conversation lasts a day at most unless configured, so its first rows are in.
_STATE: Final = f"""botlogs.conversation_state(
    now_ns = toUnixTimestamp64Nano(now64(9)), since = toDate($__fromTime) - 2, include_live = 1)
WHERE $__timeFilter(FirstReceivedAt)
    AND {chosen("Environment", "environment")}
    AND {chosen("BotId", "bot")}"""

CONVERSATIONS: Final = _STATE
"""Conversations that began in the time range, kept or not: exact whatever was sampled, and without content."""

CONVERSATIONS_OF_NODES: Final = f"""{_STATE}
    AND {any_chosen("FlowIds", "flow")}
    AND {any_chosen("NodeIds", "node")}"""

RECEIPTS: Final = f"""botlogs.receipts FINAL
WHERE $__timeFilter(DecidedAt)
    AND {chosen("Environment", "environment")}
    AND {chosen("BotId", "bot")}"""
"""What was decided in the time range, kept or dropped."""

TURNS: Final = f"""botlogs.otel_traces
WHERE SpanName = 'turn' AND $__timeFilter(Timestamp) AND ReceivedAt >= $__fromTime - toIntervalDay(1)
    AND {chosen("Environment", "environment")}
    AND {chosen("BotId", "bot")}"""
"""Turns of readable conversations, each from the user's message to the bot's last step: no thinking time in it."""

WEIGHT: Final = "toUInt64(round(Weight * 1000))"
"""How many conversations a readable row stands for, as the whole number that weighted quantiles want."""
