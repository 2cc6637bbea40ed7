"""Errors as application/problem+json (RFC 9457): a name for programs, a sentence for people."""

from botlogs_collector import errors
from botlogs_collector.otlp.status import http_status, public_message
from botlogs_collector.query.wire import to_json

MEDIA_TYPE = "application/problem+json"

# The first that fits wins.
_NAMES: tuple[tuple[type[BaseException], str, str], ...] = (
    (errors.NotReleased, "not-released", "Not released yet"),
    (errors.SampledOut, "sampled-out", "Sampled out"),
    (errors.Unauthenticated, "unauthenticated", "A token is needed"),
    (errors.Forbidden, "forbidden", "Forbidden"),
    (errors.NotFound, "not-found", "Not found"),
    (errors.Overloaded, "overloaded", "Too many requests"),
    (errors.Retryable, "unavailable", "Unavailable"),
    (TimeoutError, "timeout", "Took too long"),
    (errors.Permanent, "invalid-request", "Invalid request"),
)


def problem(error: BaseException) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body for *error*."""
    status = http_status(error)
    name, title = next(((n, t) for kind, n, t in _NAMES if isinstance(error, kind)), ("internal", "Internal error"))
    body: dict[str, object] = {"type": name, "title": title, "status": status, "detail": public_message(error)}
    headers = {"content-type": MEDIA_TYPE, "cache-control": "no-store"}
    if isinstance(error, errors.NotReleased):
        body["available_unix_nano"] = error.available_unix_nano
    if isinstance(error, errors.SampledOut):
        body["policy"] = error.policy
    if isinstance(error, errors.Unauthenticated):
        headers["www-authenticate"] = "Bearer"
    if isinstance(error, errors.Retryable):
        headers["retry-after"] = str(max(1, round(error.retry_after_s)))
    return status, headers, to_json(body)


def http_problem(status: int, detail: str) -> bytes:
    """Return the body for what the router itself refuses: no such page, no such method."""
    names = {
        403: ("forbidden", "Forbidden"),
        404: ("not-found", "Not found"),
        405: ("method-not-allowed", "Method not allowed"),
    }
    name, title = names.get(status, ("invalid-request", "Invalid request"))
    return to_json({"type": name, "title": title, "status": status, "detail": detail})
