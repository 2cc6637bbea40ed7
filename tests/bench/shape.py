"""A shape of load: which requests, by how many senders, over which protocol."""

import dataclasses
import json
from dataclasses import dataclass
from typing import Any, Literal

from botlogs_collector.ports import Signal

Protocol = Literal["gRPC", "HTTP protobuf", "HTTP JSON"]
Filling = Literal["usual", "2 attributes", "40 attributes", "nested values"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """So many *senders*, each with one request of *size* items under way; at most *rate* requests a second each."""

    protocol: Protocol = "gRPC"
    signal: Signal = "traces"
    senders: int = 64
    size: int = 512
    filling: Filling = "usual"
    rate: float | None = None

    @property
    def item(self) -> str:
        """What is counted."""
        return "span" if self.signal == "traces" else "record"

    @property
    def name(self) -> str:
        """As a row of the table calls it."""
        filling = "" if self.filling == "usual" else f" with {self.filling}"
        return f"{self.protocol}, {self.senders} x {self.size} {self.item}s{filling}"

    def to_json(self) -> str:
        """For the command line of another process."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Shape":
        """Return what `to_json` wrote."""
        fields: dict[str, Any] = json.loads(text)
        return cls(**fields)
