"""Flows in the versions that were seen, and what readable conversations did in them."""

from botlogs_collector.model.flow import FlowScope, FlowVersion, NodeUse, Transition
from botlogs_collector.store.asking import ask
from botlogs_collector.store.client import Database


class Flows:
    """See `ports.FlowReader`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def versions(self, flow_id: str, scope: FlowScope) -> list[FlowVersion]:
        """See `ports.FlowReader`."""
        return [
            FlowVersion(
                flow_id=row["FlowId"],
                flow_version=row["FlowVersion"],
                bot_id=row["BotId"],
                environment=row["Environment"],
                definition=row["Definition"],
                learned=row["Learned"],
                seen_unix_nano=row["Seen"],
            )
            for row in ask(self._database, "flow_versions", flow=flow_id, **_whose(scope))
        ]

    def node_uses(self, flow_id: str, scope: FlowScope) -> list[NodeUse]:
        """See `ports.FlowReader`."""
        return [
            NodeUse(
                node_id=row["NodeId"],
                node_name=row["Name"],
                node_type=row["Type"],
                visits=row["Visits"],
                conversations=row["Conversations"],
                errors=row["Errors"],
                ended_here=row["EndedHere"],
                drop_off=0,
                median_duration_ns=row["MedianDuration"],
            )
            for row in ask(self._database, "flow_nodes", **_parameters(flow_id, scope))
        ]

    def transitions(self, flow_id: str, scope: FlowScope) -> list[Transition]:
        """See `ports.FlowReader`."""
        return [
            Transition(from_=row["Origin"], to=row["Target"], count=row["Times"])
            for row in ask(self._database, "flow_transitions", **_parameters(flow_id, scope))
        ]


def _whose(scope: FlowScope) -> dict[str, object]:
    return {
        "bot": scope.bot,
        "environment": scope.environment,
        "bots": list(scope.bots),
        "live": -1 if scope.live is None else int(scope.live),
    }


def _parameters(flow_id: str, scope: FlowScope) -> dict[str, object]:
    return {
        "flow": flow_id,
        "version": scope.version,
        **_whose(scope),
        "time_from": scope.from_unix_nano,
        "time_to": scope.to_unix_nano,
    }
