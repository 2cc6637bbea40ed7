"""The seams between the parts, each a promise in prose; app.py decides who keeps them."""

from collections.abc import Sequence
from typing import Literal, Protocol

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
