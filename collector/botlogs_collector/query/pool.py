"""Blocking store calls off the event loop: few threads, a bounded queue, a deadline.

The store has one client a thread; more threads than the machine has use for only make every
query slower.
"""

import asyncio
import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from botlogs_collector.errors import Overloaded

P = ParamSpec("P")
T = TypeVar("T")

THREADS = 4
MAX_PENDING = 256
DEADLINE_S = 15.0  # above the queries' own limit of 10 s


class StorePool:
    """Runs store calls in threads of its own."""

    def __init__(
        self, *, threads: int = THREADS, max_pending: int = MAX_PENDING, deadline_s: float = DEADLINE_S
    ) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="query")
        self._max_pending = max_pending
        self._deadline_s = deadline_s
        self._pending = 0

    async def run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what *call* returns.

        Raises:
            Overloaded: too many calls are waiting.
            TimeoutError: the deadline passed; the call goes on in its thread until the query's own limit.

        A caller who gives up takes a call that still waits out of the queue; one that runs ends by that limit.
        """
        if self._pending >= self._max_pending:
            msg = f"{self._pending} queries are waiting already; try again in a moment"
            raise Overloaded(msg)
        job = self._executor.submit(functools.partial(call, *args, **kwargs))
        self._pending += 1
        future = asyncio.wrap_future(job)
        future.add_done_callback(self._done)
        try:
            return await asyncio.wait_for(asyncio.shield(future), self._deadline_s)
        except TimeoutError:
            job.cancel()
            msg = f"the query did not end within {self._deadline_s:g} s; ask for less at once"
            raise TimeoutError(msg) from None
        except asyncio.CancelledError:
            job.cancel()
            raise

    def close(self) -> None:
        """Wait for the calls under way, take no more."""
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _done(self, future: "asyncio.Future[T]") -> None:
        self._pending -= 1
        if not future.cancelled():
            future.exception()  # a caller that gave up must not leave an unretrieved exception
