"""One OTLP/HTTP endpoint: requests go out one after the other, each until it is answered for good."""

import email.utils
import http.client
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, cast

from google.protobuf.message import DecodeError, Message
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from botlogs_collector.clock import Clock
from botlogs_collector.errors import BotLogsError, InvalidRequest, Retryable
from botlogs_collector.ports import Signal

_TIMEOUT_S: Final = 60.0
_PROTOBUF: Final = "application/x-protobuf"
_AGAIN: Final = frozenset({429, 502, 503, 504})  # OTLP specification, retryable response codes
_OF_THE_REQUEST: Final = frozenset({400, 413, 422})
_FIRST_WAIT_S: Final = 1.0
_LONGEST_WAIT_S: Final = 30.0
_ADVICE: Final = {
    401: "; give a token with --token or BOTLOGS_TOKEN",
    403: "; this token may not send",
    404: "; --url is the OTLP/HTTP address (port 4318), without /v1/traces",
}


class Stopped(BotLogsError):  # noqa: N818
    """The endpoint takes nothing now; running the import again goes on where it stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """How many items the endpoint refused of a request that it took, and why."""

    items: int
    message: str


class Endpoint:
    """OTLP/HTTP at *url*; a request is tried for *patience_s* before the import is given up."""

    def __init__(
        self, url: str, token: str | None, clock: Clock, pause: Callable[[float], None], *, patience_s: float
    ) -> None:
        self.url = url.rstrip("/")
        self._headers = {"content-type": _PROTOBUF} | ({"authorization": f"Bearer {token}"} if token else {})
        self._clock = clock
        self._pause = pause
        self._patience_s = patience_s

    def send(self, signal: Signal, body: bytes) -> Rejected:
        """Return once the endpoint has taken *body*.

        Raises:
            InvalidRequest: it never will: this request is refused.
            Stopped: it takes no request of ours, or none within the patience.
        """
        deadline_s = self._clock.monotonic_s() + self._patience_s
        wait_s = _FIRST_WAIT_S
        while True:
            try:
                return _rejected(signal, self._post(signal, body))
            except Retryable as error:
                asked_s = error.retry_after_s or wait_s
                if self._clock.monotonic_s() + asked_s > deadline_s:
                    again = f", and asks to come back in {asked_s:.0f} s" if error.retry_after_s else ""
                    raise Stopped(f"{error}{again}: given up after {self._patience_s:.0f} s of trying") from None
                self._pause(asked_s)
                wait_s = min(2 * wait_s, _LONGEST_WAIT_S)

    def _post(self, signal: Signal, body: bytes) -> bytes:
        request = urllib.request.Request(f"{self.url}/v1/{signal}", body, self._headers)  # noqa: S310 - checked by the command
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310
                return cast("bytes", answer.read())
        except urllib.error.HTTPError as error:
            with error:
                raise self._refusal(error) from None
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", None) or error
            raise Retryable(f"nothing answers at {self.url} ({reason})", retry_after_s=0) from None

    def _refusal(self, error: urllib.error.HTTPError) -> BotLogsError:
        said = _message(error)
        text = f"{self.url} answered {error.code}{': ' + said if said else ''}"
        if error.code in _AGAIN:
            return Retryable(text, retry_after_s=self._retry_after_s(error.headers.get("retry-after")))
        if error.code in _OF_THE_REQUEST:
            return InvalidRequest(text)
        return Stopped(text + _ADVICE.get(error.code, ""))

    def _retry_after_s(self, header: str | None) -> float:
        """Return the seconds that the header asks for, a number or a date; 0 without one that can be read."""
        if not header:
            return 0
        if header.strip().isdecimal():
            return float(header)
        try:
            until = email.utils.parsedate_to_datetime(header).timestamp()
        except ValueError:
            return 0
        return max(0.0, until - self._clock.now_ns() / 1_000_000_000)


def _rejected(signal: Signal, answer: bytes) -> Rejected:
    """An answer that cannot be read is a success: the status said so."""
    try:
        if signal == "traces":
            traces = ExportTraceServiceResponse.FromString(answer).partial_success
            return Rejected(items=traces.rejected_spans, message=traces.error_message)
        logs = ExportLogsServiceResponse.FromString(answer).partial_success
        return Rejected(items=logs.rejected_log_records, message=logs.error_message)
    except DecodeError:
        return Rejected(items=0, message="")


def _message(error: urllib.error.HTTPError) -> str:
    """Return what the endpoint says is wrong, cut to a line."""
    try:
        body = error.read(16 * 1024)
        status: Message = Status.FromString(body)
    except (DecodeError, OSError, http.client.HTTPException):
        return ""
    return str(getattr(status, "message", ""))[:300]
