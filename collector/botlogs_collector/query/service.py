"""The query service: one implementation behind HTTP and gRPC, and all that app.py has to know of it."""

import secrets

from botlogs_collector.access.mask import Mask
from botlogs_collector.access.read_log import ReadLog
from botlogs_collector.clock import Clock
from botlogs_collector.config.settings import Settings
from botlogs_collector.ports import ConversationReader, EntryReader, FlowReader, InFlight, NodeReader, WholeReader
from botlogs_collector.query.access import Access
from botlogs_collector.query.conversations import Conversations
from botlogs_collector.query.feeds import Feeds
from botlogs_collector.query.flows import Flows
from botlogs_collector.query.follow import Follow
from botlogs_collector.query.logs import Logs
from botlogs_collector.query.node_of import NodeOf
from botlogs_collector.query.nodes import Nodes
from botlogs_collector.query.pool import StorePool
from botlogs_collector.query.timeline import Timeline
from botlogs_collector.query.trace import Trace
from botlogs_collector.query.walk import Walk


class QueryService:
    """Reads for people: every part takes plain values, returns those of `model`, and raises those of `errors`."""

    def __init__(
        self,
        *,
        conversations: ConversationReader,
        entries: EntryReader,
        nodes: NodeReader,
        flows: FlowReader,
        whole: WholeReader,
        settings: Settings,
        clock: Clock,
        in_flight: InFlight | None = None,
        pool: StorePool | None = None,
        mask: Mask | None = None,
        read_log: ReadLog | None = None,
    ) -> None:
        """Take the readers and, if this process alone writes to the store, its commits under way.

        The pool and the mask, if none are given, are its own; without *read_log* nobody's readings are on record.
        """
        self.clock = clock
        self.pool = pool or StorePool()
        self.access = Access(conversations, self.pool, clock, read_log)
        mask = mask or Mask(secrets.token_bytes(32))
        node_of = NodeOf(nodes, self.pool)
        self.conversations = Conversations(conversations, self.access, self.pool, clock)
        self.timeline = Timeline(entries, node_of, self.access, mask, pool=self.pool, settings=settings, clock=clock)
        self.logs = Logs(entries, self.timeline, node_of, self.access, self.pool)
        self.nodes = Nodes(nodes, entries, node_of, access=self.access, mask=mask, pool=self.pool, settings=settings)
        self.flows = Flows(flows, self.pool, clock)
        self.walk = Walk(entries, nodes, self.timeline, access=self.access, pool=self.pool)
        self.trace = Trace(whole, self.access, mask, self.pool)
        self.feeds = Feeds(
            entries,
            self.timeline,
            self.access,
            pool=self.pool,
            clock=clock,
            in_flight=in_flight,
            max_readers=settings.api.max_streams,
        )
        self.follow = Follow(self.feeds, self.timeline, self.access)

    def on_commit(self, signal: str) -> None:
        """Note that rows of *signal* (`traces`, `logs`) have become visible: streams look at once. For any thread."""
        self.feeds.on_commit(signal)

    def ask_streams_again(self) -> None:
        """End the streams that are open: whoever still may comes back and goes on from where it was."""
        self.feeds.drop_all("who may read has changed; reconnect to go on")

    def stop_streams(self) -> None:
        """End all streams, so that servers can stop; a second call is harmless."""
        self.feeds.stop()

    async def close(self) -> None:
        """End the streams, let the queries under way end; a second call is harmless."""
        self.stop_streams()
        self.pool.close()
