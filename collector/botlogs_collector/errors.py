"""The errors that cross a seam: raised at the edge that knows, mapped to wire codes by one table (otlp/status.py)."""


class BotLogsError(Exception):
    """Anything this service refuses or fails at; its message says what would be right."""


class Permanent(BotLogsError):  # noqa: N818  # reads as the field says it: permanent or retryable
    """Sending the same again will fail the same way."""


class NotFound(Permanent):
    """There is no such conversation, flow, timestamp or grant."""


class InvalidRequest(Permanent):
    """The request is malformed; the message says what is wrong."""


class Unauthenticated(Permanent):
    """The call came without a token, or with one that is not known, has been removed or has expired."""


class Forbidden(Permanent):
    """The token is good, and may not do this; the message says which role may."""


class Retryable(BotLogsError):  # noqa: N818
    """The same call may succeed later; nothing changed."""

    def __init__(self, message: str, *, retry_after_s: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Overloaded(Retryable):
    """A bounded queue is full: come back after `retry_after_s`."""


class NotReleased(BotLogsError):  # noqa: N818
    """The conversation's content is not readable yet.

    `available_unix_nano` is None while the conversation is still going on.
    """

    def __init__(self, message: str, *, available_unix_nano: int | None) -> None:
        super().__init__(message)
        self.available_unix_nano = available_unix_nano


class SampledOut(BotLogsError):  # noqa: N818
    """The conversation was dropped by `policy`; restoring may bring it back."""

    def __init__(self, message: str, *, policy: str) -> None:
        super().__init__(message)
        self.policy = policy


class ConfigError(BotLogsError):
    """The configuration or the command line is wrong: one line for each of `faults`, exit code 2."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class StartError(BotLogsError):
    """The service cannot start: a busy port, a data folder in use, a store of a newer version. Exit code 2."""
