"""The one table from our errors to the codes of the wire (OTLP specification, failures)."""

import grpc
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status

from botlogs_collector import errors

# The first that fits wins. gRPC code, HTTP status.
_TABLE: tuple[tuple[type[BaseException], grpc.StatusCode, int], ...] = (
    (errors.Overloaded, grpc.StatusCode.RESOURCE_EXHAUSTED, 429),
    (errors.Retryable, grpc.StatusCode.UNAVAILABLE, 503),
    (errors.Unauthenticated, grpc.StatusCode.UNAUTHENTICATED, 401),
    (errors.Forbidden, grpc.StatusCode.PERMISSION_DENIED, 403),
    (errors.NotFound, grpc.StatusCode.NOT_FOUND, 404),
    (errors.InvalidRequest, grpc.StatusCode.INVALID_ARGUMENT, 400),
    (errors.Permanent, grpc.StatusCode.INVALID_ARGUMENT, 400),
    (errors.NotReleased, grpc.StatusCode.FAILED_PRECONDITION, 409),
    (errors.SampledOut, grpc.StatusCode.FAILED_PRECONDITION, 410),
    (TimeoutError, grpc.StatusCode.DEADLINE_EXCEEDED, 504),
)


def grpc_code(error: BaseException) -> grpc.StatusCode:
    """Return the gRPC code for *error*; what is not in the table is INTERNAL."""
    return next((code for kind, code, _ in _TABLE if isinstance(error, kind)), grpc.StatusCode.INTERNAL)


def http_status(error: BaseException) -> int:
    """Return the HTTP status for *error*; what is not in the table is 500."""
    return next((status for kind, _, status in _TABLE if isinstance(error, kind)), 500)


def status_details(error: BaseException) -> Status:
    """Return the google.rpc.Status that senders get, with RetryInfo where a retry makes sense."""
    status = Status(code=grpc_code(error).value[0], message=public_message(error))
    if isinstance(error, errors.Retryable):
        retry = RetryInfo(retry_delay=Duration(nanos=0))
        retry.retry_delay.FromMilliseconds(round(error.retry_after_s * 1000))
        status.details.add().Pack(retry)
    return status


def public_message(error: BaseException) -> str:
    """Return what the other side may read: our own messages, nothing of an unforeseen error's."""
    if isinstance(error, (errors.BotLogsError, TimeoutError)):
        return str(error) or type(error).__name__
    return "internal error; the service's log says more"
