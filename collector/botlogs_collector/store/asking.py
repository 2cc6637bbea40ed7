"""Ask the store a question that a reader put: a question too large is the question's fault, not the store's."""

from collections.abc import Callable

from botlogs_collector.errors import InvalidRequest, Retryable
from botlogs_collector.store import statements
from botlogs_collector.store.client import Database, Row

_TOO_LONG = "Code: 159"  # TIMEOUT_EXCEEDED: the query's own max_execution_time
_TOO_MUCH = "Code: 396"  # TOO_MANY_ROWS_OR_BYTES


def ask(database: Database, name: str, **parameters: object) -> list[Row]:
    """Return the rows of sql/query/*name*.sql; its optional lines are there if their parameter is given.

    Raises:
        InvalidRequest: it took longer than the query's limit allows.
        Retryable: the store did not answer.
    """
    return _asked(database.rows, name, parameters)


def ask_plain(database: Database, name: str, **parameters: object) -> list[Row]:
    """Return the rows as `ask` does; times are Unix nanoseconds."""
    return _asked(database.plain_rows, name, parameters)


def _asked(rows: Callable[..., list[Row]], name: str, parameters: dict[str, object]) -> list[Row]:
    try:
        return rows(statements.question(name, frozenset(parameters)), **parameters)
    except Retryable as error:
        if _TOO_LONG in str(error) or _TOO_MUCH in str(error):
            msg = "that is too much to search at once; narrow it: a later `from`, one bot, one environment"
            raise InvalidRequest(msg) from None
        raise
