"""What became of one request at an endpoint: the OTLP specification's failures, and what is to be done about each."""

from dataclasses import dataclass
from typing import Literal

# accepted: done, but for `rejected` items that are not sent again.
# unreachable, throttled, slow: the same request later; slow: smaller, too.
# failing: the endpoint failed at it (500, INTERNAL); perhaps this request makes it fail.
# denied: no request of ours is welcome (credentials, address): nothing is lost while somebody mends that.
# refused, too_large: this request never; one of its items may be what is wrong with it.
Outcome = Literal["accepted", "unreachable", "throttled", "slow", "failing", "denied", "refused", "too_large"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An endpoint's answer to one request."""

    outcome: Outcome
    message: str = ""  # what the endpoint said, shortened
    rejected: int = 0
    retry_after_s: float | None = None  # it asked for this much patience


_GRPC: dict[str, Outcome] = {
    "OK": "accepted",
    "CANCELLED": "unreachable",
    "UNAVAILABLE": "unreachable",
    "ABORTED": "unreachable",
    "OUT_OF_RANGE": "unreachable",
    "DATA_LOSS": "unreachable",
    "DEADLINE_EXCEEDED": "slow",
    "RESOURCE_EXHAUSTED": "throttled",
    "UNKNOWN": "failing",
    "INTERNAL": "failing",
    "UNAUTHENTICATED": "denied",
    "PERMISSION_DENIED": "denied",
    "UNIMPLEMENTED": "denied",
    "NOT_FOUND": "denied",
}
_HTTP: dict[int, Outcome] = {
    401: "denied", 403: "denied", 404: "denied", 405: "denied", 407: "denied", 408: "slow", 413: "too_large",
    429: "throttled", 502: "unreachable", 503: "unreachable", 504: "slow",
}  # fmt: skip


def of_grpc(code: str) -> Outcome:
    """Return the outcome of a gRPC status by name; what is not listed blames the request."""
    return _GRPC.get(code, "refused")


def of_http(status: int) -> Outcome:
    """Return the outcome of an HTTP status."""
    if 200 <= status < 300:
        return "accepted"
    if 300 <= status < 400:
        return "denied"  # redirects are not followed with data and credentials
    return _HTTP.get(status, "failing" if status >= 500 else "refused")


def shortened(text: str) -> str:
    """Return *text* as one line of a log."""
    return " ".join(text.split())[:200]
