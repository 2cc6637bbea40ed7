"""Node actions of a readable conversation, from spans and from enter and exit events alike."""

from collections.abc import Iterable, Sequence

from botlogs_collector.model.reading import Around, ConversationRef, LoggedAt, NodeAction
from botlogs_collector.store.asking import ask
from botlogs_collector.store.client import Database, Row
from botlogs_collector.store.entries import arrival
from botlogs_collector.store.small import small_rows

_TELLING = frozenset({"bot.node.enter", "bot.node.exit", "bot.node.transition"})
# What the events of a node action say, each: whether it is its exit, when, and its attributes.
Said = Sequence[tuple[bool, int, dict[str, str]]]


class Nodes:
    """See `ports.NodeReader`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def spans(
        self,
        ref: ConversationRef,
        *,
        at_unix_nano: int | None = None,
        span_ids: Sequence[str] = (),
        parent_ids: Sequence[str] = (),
        nodes_only: bool = False,
        limit: int = 1,
    ) -> list[NodeAction]:
        """See `ports.NodeReader`."""
        narrowed = _narrowed(
            at=at_unix_nano, span_ids=list(span_ids), parent_ids=list(parent_ids), nodes_only=nodes_only
        )
        rows = ask(self._database, "node_spans", **arrival(ref), **narrowed, limit=limit)
        return [_from_span(row) for row in rows]

    def announced(
        self,
        ref: ConversationRef,
        *,
        at_unix_nano: int | None = None,
        span_ids: Sequence[str] = (),
        limit: int = 1,
    ) -> list[NodeAction]:
        """See `ports.NodeReader`."""
        narrowed = _narrowed(at=at_unix_nano, span_ids=list(span_ids))
        rows = ask(self._database, "node_events", **arrival(ref), **narrowed, limit=limit)
        return [_from_events(row) for row in rows]

    def begun(
        self, ref: ConversationRef, *, node: str, flow: str, after: tuple[int, str] | None, limit: int
    ) -> tuple[list[tuple[int, str]], int]:
        """See `ports.NodeReader`."""
        given: dict[str, object] = {"node": node} if node else {}
        given |= {"flow": flow} if flow else {}
        given |= {"after_time": after[0], "after_span": after[1]} if after else {}
        rows = ask(self._database, "nodes_begun", **arrival(ref), **given, limit=limit)
        return [(row["Started"], row["SpanId"]) for row in rows], rows[0]["Total"] if rows else 0

    def spans_around(self, ref: ConversationRef, at_unix_nano: int, limit: int) -> Around:
        """See `ports.NodeReader`."""
        at = {"at": at_unix_nano} if ref.span_events else {}
        rows = small_rows(self._database, "span", ref, {**arrival(ref), "actions": 1, "time_to": at_unix_nano, **at})
        if rows is None:
            return Around(
                actions=self.spans(ref, at_unix_nano=at_unix_nano, limit=limit),
                logged=self._logged_at(ref, at_unix_nano, limit),
            )
        once = list({(row["TraceId"], row["SpanId"]): _as_action(row) for row in rows}.values())
        once.sort(key=lambda row: (not row["NodeId"], -row["Started"], row["Ended"], row["SpanId"]))
        return Around(
            actions=[_from_span(row) for row in once if row["Ended"] >= at_unix_nano][:limit],
            logged=_marks(row for row in rows if row["Time"] == at_unix_nano or row.get("HasEventAt")),
        )

    def events_around(self, ref: ConversationRef, at_unix_nano: int, limit: int) -> Around:
        """See `ports.NodeReader`."""
        rows = small_rows(self._database, "log", ref, arrival(ref))
        if rows is None:
            return Around(actions=self.announced(ref, at_unix_nano=at_unix_nano, limit=limit), logged=[])
        told = [row for row in map(_told, _by_span(rows)) if row is not None]
        told.sort(key=lambda row: (-row["Started"], row["SpanId"]))
        active = [row for row in told if row["Started"] <= at_unix_nano and not 0 < row["Ended"] < at_unix_nano]
        return Around(
            actions=[_from_events(row) for row in active[:limit]],
            logged=_marks(row for row in rows if row["Time"] == at_unix_nano and row["SpanId"]),
        )

    def _logged_at(self, ref: ConversationRef, at_unix_nano: int, limit: int) -> list[LoggedAt]:
        return _marks(ask(self._database, "spans_that_logged", **arrival(ref), at=at_unix_nano, limit=limit))


def _marks(rows: Iterable[Row]) -> list[LoggedAt]:
    marks = (LoggedAt(span_id=row["SpanId"], node_id=row["NodeId"], scope_name=row["ScopeName"]) for row in rows)
    return list(dict.fromkeys(marks))


def _as_action(row: Row) -> Row:
    """Return a row of span_rows as one of node_spans."""
    ended = row["Time"] + row["Duration"]
    return {**row, "Name": row["Text"], "Started": row["Time"], "Ended": ended, "Status": row["StatusCode"]}


def _by_span(rows: Iterable[Row]) -> Iterable[list[Row]]:
    spans: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        if row["Kind"] in _TELLING:
            spans.setdefault((row["TraceId"], row["SpanId"]), []).append(row)
    return spans.values()


def _told(rows: list[Row]) -> Row | None:
    """Return rows of log_rows of one span as one of node_events; None: it was not entered."""
    entered = [row["Time"] for row in rows if row["Kind"] == "bot.node.enter"]
    if not entered:
        return None
    left = (row["Time"] for row in rows if row["Kind"] == "bot.node.exit")
    said = [(row["Kind"] == "bot.node.exit", row["Time"], row["Attributes"]) for row in rows]
    return {**rows[0], "Started": min(entered), "Ended": max(left, default=0), "Said": said}


def _narrowed(**given: object) -> dict[str, object]:
    """Return the parameters that narrow; each brings its lines into the question."""
    return {name: value for name, value in given.items() if not (value is None or value is False or value == [])}


def _from_span(row: Row) -> NodeAction:
    attributes: dict[str, str] = row["Attributes"]
    return NodeAction(
        **_named(row, str(row["Name"])),
        outcome=attributes.get("bot.node.outcome") or None,
        transition_to=attributes.get("bot.transition.to") or None,
        transition_reason=attributes.get("bot.transition.reason") or None,
        parent_span_id=row["ParentSpanId"] or None,
        ended_unix_nano=row["Ended"],
        status=row["Status"],
        status_message=row["StatusMessage"] or None,
    )


def _from_events(row: Row) -> NodeAction:
    said: Said = row["Said"]
    outcome = max((attributes.get("bot.node.outcome", "") for is_exit, _, attributes in said if is_exit), default="")
    way = _way(said)
    failed = outcome == "error"
    return NodeAction(
        **_named(row, str(row["NodeId"])),
        outcome=outcome or None,
        transition_to=way.get("bot.transition.to"),
        transition_reason=way.get("bot.transition.reason") or None,
        parent_span_id=None,
        ended_unix_nano=row["Ended"] or None,
        status="Running" if not row["Ended"] else "Error" if failed else "Unset",
        status_message=None,
    )


def _way(said: Said) -> dict[str, str]:
    """Return what says where a node led to: of several ways that of its exit, with its reason, or else the last."""
    ways = [each for each in said if each[2].get("bot.transition.to")]
    return max(ways, key=lambda each: each[:2], default=(False, 0, {}))[2]


def _named(row: Row, name: str) -> Row:
    """Return what both sources know."""
    return {
        "node_action_id": row["SpanId"],
        "span_id": row["SpanId"],
        "trace_id": row["TraceId"],
        "flow_id": row["FlowId"] or None,
        "flow_version": row["FlowVersion"] or None,
        "node_id": row["NodeId"] or None,
        "node_name": row["NodeName"] or name,
        "node_type": row["NodeType"] or None,
        "turn_index": row["TurnIndex"] if row["TurnIndex"] >= 0 else None,
        "started_unix_nano": row["Started"],
        "bot_id": row["BotId"],
    }
