"""Who has read what of production: noted before a word of it goes out, written a moment later.

Bounded, and closed when it is full: as long as it cannot be written, nothing of production is read.
One reader of one conversation is one row a minute, however much of it they look at.
"""

import asyncio
import contextlib
from collections import OrderedDict, deque
from typing import Final

from botlogs_collector.access.principal import Principal
from botlogs_collector.clock import Clock
from botlogs_collector.errors import BotLogsError, Overloaded
from botlogs_collector.model.reading import ConversationRef, Reading
from botlogs_collector.ports import ReadLogStore
from botlogs_collector.telemetry import Telemetry

MAX_WAITING: Final = 10_000
_ONE_ROW_S: Final = 60.0
_EVERY_S: Final = 1.0
_MAX_KNOWN: Final = 10_000
NOBODY_BY_NAME: Final = "(no tokens)"


class ReadLog:
    """The readings of one service. Lives on one event loop."""

    def __init__(self, store: ReadLogStore, clock: Clock, telemetry: Telemetry) -> None:
        self._store = store
        self._clock = clock
        self._telemetry = telemetry
        self._waiting: deque[Reading] = deque()
        self._noted: OrderedDict[tuple[str, str, bool], float] = OrderedDict()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def note(self, principal: Principal, ref: ConversationRef) -> None:
        """Note that *principal* is about to read *ref*, if that is no live conversation.

        Raises:
            Overloaded: too much waits to be written.
        """
        if ref.is_live:
            return
        masked = principal.masks(is_live=False)
        key = (principal.name, ref.key, masked)
        now_s = self._clock.monotonic_s()
        if now_s - self._noted.get(key, -_ONE_ROW_S) < _ONE_ROW_S:
            return
        if len(self._waiting) >= MAX_WAITING:
            self._telemetry.read_logged("refused", 1)
            msg = "who reads production is on record, and the record cannot be written at the moment"
            raise Overloaded(msg, retry_after_s=5)
        self._waiting.append(
            Reading(
                at_unix_nano=self._clock.now_ns(),
                by=principal.name or NOBODY_BY_NAME,
                conversation=ref.conversation_id or ref.trace_ids[0],
                conversation_key=ref.key,
                bot_id=ref.bot_id,
                environment=ref.environment,
                masked=masked,
            )
        )
        self._noted[key] = now_s
        self._noted.move_to_end(key)
        while len(self._noted) > _MAX_KNOWN:
            self._noted.popitem(last=False)
        self._wake.set()

    def start(self) -> None:
        """Write what is noted, from now on."""
        self._task = asyncio.create_task(self._run(), name="read-log")

    async def stop(self) -> None:
        """Write what waits, as far as that can be done at once; a second call is harmless."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        await self.write()

    async def write(self) -> None:
        """Write what waits; what cannot be written goes on waiting."""
        batch = list(self._waiting)
        if not batch:
            return
        try:
            await asyncio.to_thread(self._store.write_readings, batch)
        except BotLogsError as error:
            self._telemetry.read_log_failed(error)
            return
        for _ in batch:
            self._waiting.popleft()
        self._telemetry.read_logged("written", len(batch))

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self.write()
            await asyncio.sleep(_EVERY_S)
            if self._waiting:
                self._wake.set()
