"""Node actions of a readable conversation, from spans and from enter and exit events alike."""

from collections.abc import Sequence

from botlogs_collector.model.reading import ConversationRef, NodeAction
from botlogs_collector.store.asking import ask
from botlogs_collector.store.client import Database, Row
from botlogs_collector.store.entries import arrival

_EVER = 2**63 - 1


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
        rows = ask(
            self._database,
            "node_spans",
            **arrival(ref),
            at=_EVER if at_unix_nano is None else at_unix_nano,
            ended_from=0 if at_unix_nano is None else at_unix_nano,
            span_ids=list(span_ids),
            parent_ids=list(parent_ids),
            nodes_only=int(nodes_only),
            limit=limit,
        )
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
        rows = ask(
            self._database,
            "node_events",
            **arrival(ref),
            at=_EVER if at_unix_nano is None else at_unix_nano,
            ended_from=0 if at_unix_nano is None else at_unix_nano,
            span_ids=list(span_ids),
            limit=limit,
        )
        return [_from_events(row) for row in rows]


def _from_span(row: Row) -> NodeAction:
    return NodeAction(
        **_named(row, str(row["Name"])),
        parent_span_id=row["ParentSpanId"] or None,
        ended_unix_nano=row["Ended"],
        status=row["Status"],
        status_message=row["StatusMessage"] or None,
    )


def _from_events(row: Row) -> NodeAction:
    failed = row["Outcome"] == "error"
    return NodeAction(
        **_named(row, str(row["NodeId"])),
        parent_span_id=None,
        ended_unix_nano=row["Ended"] or None,
        status="Running" if not row["Ended"] else "Error" if failed else "Unset",
        status_message=None,
    )


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
        "outcome": row["Outcome"] or None,
        "transition_to": row["TransitionTo"] or None,
        "transition_reason": row["TransitionReason"] or None,
        "bot_id": row["BotId"],
    }
