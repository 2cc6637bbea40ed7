"""Requests on their way out: many small ones leave as one, and one that is refused is found among its neighbours."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from botlogs_collector.errors import InvalidRequest
from botlogs_collector.importer.cut import cut_request
from botlogs_collector.importer.endpoint import Endpoint, Rejected
from botlogs_collector.importer.parse import Request
from botlogs_collector.otlp.request import ID_HINT, count_items
from botlogs_collector.ports import Signal

# Large enough that a commit's fixed cost does not count, small enough for any receiver's limit (4 MiB is gRPC's).
REQUEST_BYTES: Final = 2 * 1024 * 1024

Report = Callable[[int, str], None]  # the number of an entry, and what is wrong with it


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """The request of one entry, or a part of it; `bad_ids` of its `items` can only be rejected."""

    number: int
    body: bytes
    items: int
    bad_ids: int


class Outgoing:
    """Gathers requests by signal; `flush` sends what is left."""

    def __init__(self, endpoint: Endpoint, report: Report) -> None:
        self._endpoint = endpoint
        self._report = report
        self._waiting: dict[Signal, list[_Piece]] = {"traces": [], "logs": []}
        self._bytes = 0
        self.taken: dict[Signal, int] = {"traces": 0, "logs": 0}
        self.rejected = 0  # items of requests that were taken
        self.refused = 0  # requests that never will be

    @property
    def is_full(self) -> bool:
        """Whether it is time to flush."""
        return self._bytes >= REQUEST_BYTES

    def add(self, number: int, signal: Signal, request: Request) -> None:
        """Take the request of entry *number*; what is too large for one is cut."""
        for part in cut_request(request, REQUEST_BYTES):
            items, bad_ids = count_items(part)
            piece = _Piece(number=number, body=part.SerializeToString(), items=items, bad_ids=bad_ids)
            self._waiting[signal].append(piece)
            self._bytes += len(piece.body)

    def flush(self) -> None:
        """Send all; what is refused is reported by its entry.

        Raises:
            Stopped: the endpoint takes nothing; what was waiting is lost.
        """
        for signal, pieces in self._waiting.items():
            self._waiting[signal] = []
            for batch in _batches(pieces):
                self._send(signal, batch)
        self._bytes = 0

    def _send(self, signal: Signal, batch: list[_Piece]) -> None:
        """Serialized requests in a row are one request (the fields are repeated); a refused one is halved."""
        try:
            answer = self._endpoint.send(signal, b"".join(piece.body for piece in batch))
        except InvalidRequest as error:
            if len(batch) == 1:
                self.refused += 1
                self._report(batch[0].number, str(error))
                return
            middle = len(batch) // 2
            self._send(signal, batch[:middle])
            self._send(signal, batch[middle:])
            return
        self.taken[signal] += sum(piece.items for piece in batch) - answer.items
        if answer.items:
            self._report_rejected(batch, answer)

    def _report_rejected(self, batch: list[_Piece], answer: Rejected) -> None:
        """The endpoint says how many; by their ids we know in which entries most of them are."""
        self.rejected += answer.items
        for piece in batch:
            if piece.bad_ids:
                self._report(piece.number, f"{piece.bad_ids} of {piece.items} rejected: {ID_HINT}")
        others = answer.items - sum(piece.bad_ids for piece in batch)
        if others > 0:
            first, last = batch[0].number, batch[-1].number
            among = "" if first == last else f" between here and {last}"
            self._report(first, f"the endpoint rejected {others}{among}: {answer.message}")


def _batches(pieces: list[_Piece]) -> list[list[_Piece]]:
    batches: list[list[_Piece]] = []
    size = REQUEST_BYTES
    for piece in pieces:
        if size + len(piece.body) > REQUEST_BYTES:
            batches.append([])
            size = 0
        batches[-1].append(piece)
        size += len(piece.body)
    return batches
