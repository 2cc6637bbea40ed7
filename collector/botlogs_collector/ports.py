"""The seams between the parts, each a promise in prose; app.py decides who keeps them."""

from collections.abc import Collection, Iterable, Sequence
from typing import Literal, Protocol

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from botlogs_collector.model.conversation import ConversationFacts, ConversationKey, DueConversation, TraceId
from botlogs_collector.model.flow import FlowScope, FlowVersion, NodeUse, Transition
from botlogs_collector.model.forwarding import Cursor, ForwardFilter, Page
from botlogs_collector.model.grant import Grant, Scope
from botlogs_collector.model.move import Move
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
from botlogs_collector.model.what_if import WhatIfReport
from botlogs_collector.sample.conditions import Condition
from botlogs_collector.sample.policies import PolicySet
from botlogs_collector.sample.rates import RateState

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

    def totals(self, now_ns: int) -> tuple[int, int]:
        """Return how many conversations are held or going on, and how many bytes of them were received."""
        ...

    def facts(self, batch: Sequence[DueConversation], conditions: Sequence[Condition]) -> list[ConversationFacts]:
        """Return one row of facts for each conversation of *batch*, in its order. One query whatever its size.

        *conditions* are what the policies ask; each answer is in `ConversationFacts.conditions` by name.

        Counts are of identities: a span sent twice is one span. Only rows received after the
        conversation's `after_watermark_ns` and up to its `watermark_ns` count.
        """
        ...

    def grants(self, now_ns: int) -> list[Grant]:
        """Return the grants in force or not long expired, so that what ended under one is kept."""
        ...

    def rates(self) -> RateState:
        """Return what rate-limited policies have spent, of all collectors together."""
        ...

    def note_rates(self, batch_id: str, before: RateState, after: RateState, now_ns: int) -> None:
        """Note the cells of *after* that differ from *before*: spent as soon as a receipt of *batch_id* is written.

        After a crash in between, nothing was spent; after one behind it, `rates` counts what was noted.
        """
        ...

    def save_rates(self, before: RateState, after: RateState, now_ns: int) -> None:
        """Write the cells of *after* that differ from *before*: they were noted, and their batch has its receipts."""
        ...

    def receipts(self, keys: Sequence[ConversationKey]) -> list[Receipt]:
        """Return the receipt of the newest episode of each of *keys* that has one."""
        ...

    def write_receipts(self, receipts: Sequence[Receipt], moves: Sequence[Move]) -> None:
        """Note *moves*, then write *receipts*, each replacing an older version of its key and episode.

        After a crash in between, the noted moves belong to no receipt and nobody makes them.
        """
        ...

    def unfinished(self) -> list[Receipt]:
        """Return the receipts on record that say `releasing` or `restoring`: their move is not noted as done."""
        ...

    def move(self, batch_id: str, keys: Sequence[ConversationKey]) -> None:
        """Copy the noted rows of *batch_id* that are of *keys* to the readers; once however often it is called.

        *keys* are those of the batch's receipts on record: what another batch decided, or nobody, is not moved.
        """
        ...


class TotalsStore(Protocol):
    """The totals of everything received, as `release.totals` needs them. Called from one thread.

    Every method may raise Retryable: ClickHouse did not answer.
    """

    def settled_upto_s(self) -> int:
        """Return the first hour (Unix seconds) that is not known to be exact, 0 if none is."""
        ...

    def settle(self, from_s: int, upto_s: int) -> None:
        """Make the totals of the hours in [*from_s*, *upto_s*) exact, and note it; again it changes nothing.

        All rows of those hours, and of the one before, are still in the store.
        """
        ...


class HistoryStore(Protocol):
    """Grants, receipts and the audit, as `release.history` needs them."""

    def grants(self, now_ns: int) -> list[Grant]:
        """Return the grants in force, and those not long expired."""
        ...

    def add_grant(self, grant: Grant, now_ns: int) -> None:
        """Write *grant* and an audit row."""
        ...

    def revoke_grant(self, grant: Grant, by: str, now_ns: int) -> None:
        """End *grant* and write an audit row."""
        ...

    def receipts_of(self, conversation: str) -> list[Receipt]:
        """Return all episodes' receipts of a conversation, named by id, key or trace id; empty: none."""
        ...

    def begin_restore(
        self, receipts: Sequence[Receipt], moves: Sequence[Move], *, by: str, reason: str, now_ns: int
    ) -> None:
        """Write audit rows, then *moves* and *receipts*; the release engine's next round makes the moves."""
        ...


class History(Protocol):
    """The complete history, for whoever may grant it: the query API calls this."""

    def grants(self) -> list[Grant]:
        """Return the grants in force or to come."""
        ...

    def grant(self, scope: Scope, *, from_unix_nano: int | None, until_unix_nano: int, reason: str, by: str) -> Grant:
        """Keep everything of *scope* that ends from *from_unix_nano* (None: now) until *until_unix_nano*.

        Raises:
            InvalidRequest: no scope, no reason, or times that make no sense.
        """
        ...

    def revoke(self, grant_id: str, *, by: str) -> None:
        """End a grant now.

        Raises:
            NotFound: there is none with this id in force.
        """
        ...

    def restore(self, conversation: str, *, by: str, reason: str) -> Sequence[Receipt]:
        """Bring back all dropped episodes of a conversation; readable after the engine's next round.

        Raises:
            NotFound: it has no receipt.
            InvalidRequest: it was not dropped, or has left the hold.
        """
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


class ReplayStore(Protocol):
    """What a what-if reads; it writes nothing that anyone sees."""

    def grants(self, now_ns: int) -> list[Grant]:
        """See `HeldStore`."""
        ...

    def ended(self, from_ns: int, now_ns: int, after: tuple[int, ConversationKey], limit: int) -> list[DueConversation]:
        """Return conversations still in the hold that ended in [*from_ns*, *now_ns*], whole.

        In the order of (`available_unix_nano`, `key`), the order in which the engine decides, those after *after*.
        """
        ...

    def facts(self, batch: Sequence[DueConversation], conditions: Sequence[Condition]) -> list[ConversationFacts]:
        """See `HeldStore`."""
        ...


class WhatIf(Protocol):
    """The effect of changed policies on what is held: the query API calls this."""

    def replay(self, policies: PolicySet, since_ns: int) -> WhatIfReport:
        """Judge everything in the hold that ended within the last *since_ns* by *policies*; change nothing."""
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
