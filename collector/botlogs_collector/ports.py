"""The seams between the parts, each a promise in prose; app.py decides who keeps them."""

from collections.abc import Sequence
from typing import Literal, Protocol

from botlogs_collector.model.conversation import ConversationFacts, DueConversation
from botlogs_collector.model.move import Move
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
