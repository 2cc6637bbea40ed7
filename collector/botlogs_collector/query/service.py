"""The query service: one implementation behind HTTP and gRPC, and all that app.py has to know of it."""

from botlogs_collector.clock import Clock
from botlogs_collector.config.settings import Settings
from botlogs_collector.ports import ConversationReader, EntryReader, FlowReader, NodeReader
from botlogs_collector.query.access import Access
from botlogs_collector.query.conversations import Conversations
from botlogs_collector.query.flows import Flows
from botlogs_collector.query.logs import Logs
from botlogs_collector.query.node_of import NodeOf
from botlogs_collector.query.nodes import Nodes
from botlogs_collector.query.pool import StorePool
from botlogs_collector.query.timeline import Timeline


class QueryService:
    """Reads for people: every part takes plain values, returns those of `model`, and raises those of `errors`."""

    def __init__(
        self,
        *,
        conversations: ConversationReader,
        entries: EntryReader,
        nodes: NodeReader,
        flows: FlowReader,
        settings: Settings,
        clock: Clock,
        pool: StorePool | None = None,
    ) -> None:
        """Take the readers; the pool, if none is given, is its own."""
        self.clock = clock
        self.pool = pool or StorePool()
        self.access = Access(conversations, self.pool, clock)
        node_of = NodeOf(nodes, self.pool)
        self.conversations = Conversations(conversations, self.access, self.pool, clock)
        self.timeline = Timeline(entries, node_of, self.access, pool=self.pool, settings=settings, clock=clock)
        self.logs = Logs(entries, self.timeline, node_of, self.access, self.pool)
        self.nodes = Nodes(nodes, entries, node_of, access=self.access, pool=self.pool, settings=settings)
        self.flows = Flows(flows, self.pool, clock)

    async def close(self) -> None:
        """Let the queries under way end; a second call is harmless."""
        self.pool.close()
