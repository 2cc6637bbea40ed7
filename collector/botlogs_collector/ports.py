"""The seams between the parts, each a promise in prose; app.py decides who keeps them (release: release_ports.py)."""

from collections.abc import Collection, Iterable, Sequence
from typing import Literal, Protocol

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from botlogs_collector.model.conversation import ConversationKey, TraceId
from botlogs_collector.model.flow import FlowScope, FlowVersion, NodeUse, Transition
from botlogs_collector.model.forwarding import Cursor, ForwardFilter, Page
from botlogs_collector.model.reading import (
    Around,
    ConversationFilter,
    ConversationRef,
    ConversationRow,
    Entry,
    EntryQuery,
    EntrySource,
    ListPosition,
    NodeAction,
    Reading,
)
from botlogs_collector.model.receipt import Receipt

Signal = Literal["traces", "logs"]


class CommitSink(Protocol):
    """Where accepted OTLP requests become durable."""

    def insert(self, signal: Signal, requests: Sequence[bytes], received_unix_nano: int) -> None:
        """Make all of *requests* durable and queryable, or none of them.

        Each is one serialized export request of *signal*, without nested values, with ids checked.
        *received_unix_nano* is stamped on every row. Called from one thread per signal at a time;
        may be called again with the same data, which is then shown once.

        Raises:
            Permanent: the engine cannot read one of them; the same bytes will never be readable.
            Retryable: the store did not answer or is full; whether anything was written is unknown.
        """
        ...


class InFlight(Protocol):
    """Commits under way: rows whose stamp is older than all of them are in the store or never will be."""

    def oldest_in_flight_unix_nano(self) -> int | None:
        """Return the oldest stamp under way in this process, None if nothing is."""
        ...


class Lease(Protocol):
    """Whose turn it is to release, when several collectors share one store."""

    def holds(self) -> bool:
        """Return whether it is this process's turn, and prolong that."""
        ...

    def give_up(self) -> None:
        """Let another one take over at once; harmless without the lease."""
        ...


class Outbox(Protocol):
    """What is live or released, page by page, for those to whom it is forwarded. Each thread may call it.

    Never anything of the hold. Every method may raise Retryable: ClickHouse did not answer.
    """

    def cursor(self, endpoint: str, signal: Signal) -> Cursor | None:
        """Return how far *endpoint* has got, None if it never got anything."""
        ...

    def save(self, endpoint: str, signal: Signal, cursor: Cursor) -> None:
        """Note how far *endpoint* has got; durable when it returns."""
        ...

    def page(
        self, signal: Signal, cursor: Cursor, wanted: ForwardFilter, *, max_items: int, max_request_bytes: int
    ) -> Page:
        """Return the next at most *max_items* of the cursor's window, each once; an empty page: the window is done.

        The requests are of at most *max_request_bytes* each, unless one item alone is larger.
        """
        ...

    def oldest_unfinished_unix_nano(self) -> int | None:
        """Return when the rows of moves under way, or left by a crash, become visible at the earliest; None: no such.

        Rows may yet appear with that time.
        """
        ...


class ConversationReader(Protocol):
    """Conversations without their content. Thread-safe, as all readers are.

    Every call may raise Retryable: the store did not answer. Or InvalidRequest: it would take too long,
    and the message says what to narrow.
    """

    def guess(self, identifier: str, bots: Collection[str] = ()) -> ConversationRef | None:
        """Return what `find` will most probably return, without its key and never readable, or None: no guess.

        Cheap, and not to be believed: rows of the conversation's traces may say otherwise.
        """
        ...

    def find(
        self, identifier: str, bots: Collection[str] = (), traces: Collection[TraceId] = ()
    ) -> ConversationRef | None:
        """Return the conversation that a conversation id, a trace id or a receipt's key names, None if there is none.

        A conversation id that several bots or environments use means the one with the latest activity.
        *bots*, if there are any, are the only ones that count. *traces*, if given, are those that *identifier* names.
        """
        ...

    def newest_receipt(self, key: ConversationKey) -> Receipt | None:
        """Return the receipt of the latest episode that was decided, None if none was."""
        ...

    def candidates(
        self, wanted: ConversationFilter, window: tuple[int, int], before: ListPosition, limit: int
    ) -> list[tuple[tuple[TraceId, ...], str, ListPosition]]:
        """Return up to *limit* conversations that may match, the latest activity first.

        Each as the traces seen in *window* (Unix nanoseconds of arrival, both ends included), its id ("" if
        none) and its position, all of them behind *before*. What is found may be later elsewhere or not match
        as a whole: read it again with `rows`.
        """
        ...

    def rows(self, trace_ids: Sequence[TraceId], conversation_ids: Iterable[str], now_ns: int) -> list[ConversationRow]:
        """Return the conversations that *trace_ids* belong to, whole, as of *now_ns*, the latest activity first.

        *conversation_ids* are the ids of those that have one. Counts of readable conversations are of
        identities: a span sent twice is one span; others are counted as received.
        """
        ...


class ReadLogStore(Protocol):
    """Where it is kept who has read what."""

    def write_readings(self, readings: Sequence[Reading]) -> None:
        """Make *readings* durable, all or none; called again after a failure, it may write some twice.

        Raises:
            Retryable: the store did not answer.
        """
        ...


class EntryReader(Protocol):
    """What happened in a conversation. Reads what is readable and nothing else, whatever it is asked."""

    def entries(self, ref: ConversationRef, source: EntrySource, wanted: EntryQuery) -> list[Entry]:
        """Return entries of one source in the order asked, each once however often it was sent."""
        ...

    def count(self, ref: ConversationRef, wanted: EntryQuery) -> int:
        """Return how many log records are of the kinds, and set the variable, of *wanted*; each once."""
        ...

    def nearest(self, ref: ConversationRef, at_unix_nano: int) -> int | None:
        """Return the readable timestamp nearest to *at_unix_nano*, None if there is none at all."""
        ...


class NodeReader(Protocol):
    """Node actions of a conversation, the innermost (latest begun) first; each once."""

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
        """Return those whose span has come: active at an instant, with some ids, or below some parents.

        Spans that are no node are returned behind those that are, unless *nodes_only*.
        """
        ...

    def announced(
        self, ref: ConversationRef, *, at_unix_nano: int | None = None, span_ids: Sequence[str] = (), limit: int = 1
    ) -> list[NodeAction]:
        """Return those that an enter event announced, running or ended."""
        ...

    def begun(
        self, ref: ConversationRef, *, node: str, flow: str, after: tuple[int, str] | None, limit: int
    ) -> tuple[list[tuple[int, str]], int]:
        """Return when node actions began and their span ids, in that order, behind *after*, and how many there are.

        *node*, *flow*: of that node, or flow, alone; empty: all. The number is of all that match, 0 behind the last.
        """
        ...

    def spans_around(self, ref: ConversationRef, at_unix_nano: int, limit: int) -> Around:
        """Return those of `spans` that were active at an instant; with `events_around`, all that was logged then."""
        ...

    def events_around(self, ref: ConversationRef, at_unix_nano: int, limit: int) -> Around:
        """Return those of `announced` that were active at an instant; with `spans_around`, all that was logged then."""
        ...


class WholeReader(Protocol):
    """A readable conversation as OTLP: the messages say what the sender's said, each span and record once."""

    def traces(self, ref: ConversationRef, limit: int) -> ExportTraceServiceRequest:
        """Return up to *limit* spans, the earliest first within each resource and scope."""
        ...

    def logs(self, ref: ConversationRef, limit: int) -> ExportLogsServiceRequest:
        """Return up to *limit* log records, the earliest first within each resource and scope."""
        ...


class FlowReader(Protocol):
    """Flows, and what readable conversations did in them."""

    def versions(self, flow_id: str, scope: FlowScope) -> list[FlowVersion]:
        """Return the definitions seen of the bots and environments of *scope*, the newest first."""
        ...

    def node_uses(self, flow_id: str, scope: FlowScope) -> list[NodeUse]:
        """Return what happened at each node; `drop_off` is left 0."""
        ...

    def transitions(self, flow_id: str, scope: FlowScope) -> list[Transition]:
        """Return which node followed which; `declared` is left False."""
        ...
