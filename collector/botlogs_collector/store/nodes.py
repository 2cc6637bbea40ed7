"""Node actions of a readable conversation, from spans and from enter and exit events alike."""

from collections.abc import Sequence

from botlogs_collector.model.reading import ConversationRef, NodeAction
from botlogs_collector.store.asking import ask
from botlogs_collector.store.client import Database, Row
from botlogs_collector.store.entries import arrival

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
