"""The seams between the parts, each a promise in prose; app.py decides who keeps them."""

from collections.abc import Iterable, Sequence
from typing import Literal, Protocol

from botlogs_collector.model.conversation import ConversationFacts, ConversationKey, DueConversation, TraceId
from botlogs_collector.model.flow import FlowScope, FlowVersion, NodeUse, Transition
from botlogs_collector.model.move import Move
from botlogs_collector.model.reading import (
    ConversationFilter,
    ConversationRef,
    ConversationRow,
    Entry,
    EntryQuery,
    EntrySource,
    ListPosition,
    NodeAction,
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


class HeldStore(Protocol):
    """The hold and the receipts, as the release engine needs them. Called from one thread.

    Every method may raise Retryable: ClickHouse did not answer; the round is repeated, and every
    step repeated with the same arguments has the same result as once.
    """

    def due(self, now_ns: int, watermark_ns: int, limit: int) -> list[DueConversation]:
        """Return up to *limit* conversations whose `available_unix_nano` has passed, the longest due first.

        Only those whose last activity was received up to *watermark_ns*: younger rows may still be on their way.
        """
        ...

    def facts(self, batch: Sequence[DueConversation]) -> list[ConversationFacts]:
        """Return one row of facts for each conversation of *batch*, in its order. One query whatever its size.

        Counts are of identities: a span sent twice is one span. Only rows received after the
        conversation's `after_watermark_ns` and up to its `watermark_ns` count.
        """
        ...

    def write_receipts(self, receipts: Sequence[Receipt], moves: Sequence[Move]) -> None:
        """Note *moves*, then write *receipts*, each replacing an older version of its key and episode.

        After a crash in between, the noted moves belong to no receipt and nobody makes them.
        """
        ...

    def unfinished(self) -> list[Receipt]:
        """Return the receipts that say `releasing` or `restoring`: a crash came before the move was done."""
        ...

    def move(self, batch_id: str) -> None:
        """Copy the noted rows of *batch_id* to the readers; once however often it is called."""
        ...


class ConversationReader(Protocol):
    """Conversations without their content. Thread-safe, as all readers are.

    Every call may raise Retryable: the store did not answer. Or InvalidRequest: it would take too long,
    and the message says what to narrow.
    """

    def find(self, identifier: str) -> ConversationRef | None:
        """Return the conversation that a conversation id, a trace id or a receipt's key names, None if there is none.

        A conversation id that several bots or environments use means the one with the latest activity.
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


class EntryReader(Protocol):
    """What happened in a conversation. Reads what is readable and nothing else, whatever it is asked."""

    def entries(self, ref: ConversationRef, source: EntrySource, wanted: EntryQuery) -> list[Entry]:
        """Return entries of one source in the order asked, each once however often it was sent."""
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


class FlowReader(Protocol):
    """Flows, and what readable conversations did in them."""

    def versions(self, flow_id: str, *, bot: str, environment: str) -> list[FlowVersion]:
        """Return the definitions seen, the newest first; empty texts match all."""
        ...

    def node_uses(self, flow_id: str, scope: FlowScope) -> list[NodeUse]:
        """Return what happened at each node; `drop_off` is left 0."""
        ...

    def transitions(self, flow_id: str, scope: FlowScope) -> list[Transition]:
        """Return which node followed which; `declared` is left False."""
        ...
