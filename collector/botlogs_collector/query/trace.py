"""A conversation as OTLP/JSON: what a sender sent, for other tools."""

import asyncio

from botlogs_collector.access.mask import Mask
from botlogs_collector.access.principal import current
from botlogs_collector.errors import InvalidRequest
from botlogs_collector.otlp.json_codec import message_to_json
from botlogs_collector.ports import WholeReader
from botlogs_collector.query.access import Access
from botlogs_collector.query.masked import mask_logs, mask_traces
from botlogs_collector.query.pool import StorePool

MAX_ROWS = 100_000


class Trace:
    """Whole conversations."""

    def __init__(self, reader: WholeReader, access: Access, mask: Mask, pool: StorePool) -> None:
        self._reader = reader
        self._access = access
        self._mask = mask
        self._pool = pool

    async def get(self, identifier: str) -> dict[str, object]:
        """Return `resourceSpans` and `resourceLogs` as of OTLP's two export requests.

        Raises:
            NotFound, NotReleased, SampledOut: as `Access.readable`.
            InvalidRequest: it has more than MAX_ROWS spans or log records.
        """
        ref = await self._access.readable(identifier)
        traces, logs = await asyncio.gather(
            self._pool.run(self._reader.traces, ref, MAX_ROWS + 1), self._pool.run(self._reader.logs, ref, MAX_ROWS + 1)
        )
        spans = sum(len(scope.spans) for resource in traces.resource_spans for scope in resource.scope_spans)
        records = sum(len(scope.log_records) for resource in logs.resource_logs for scope in resource.scope_logs)
        if max(spans, records) > MAX_ROWS:
            msg = f"this conversation has more than {MAX_ROWS} spans or log records; read pages of its logs instead"
            raise InvalidRequest(msg)
        if current().masks(is_live=ref.is_live):
            await self._pool.run(mask_traces, traces, self._mask)
            await self._pool.run(mask_logs, logs, self._mask)
        documents = await self._pool.run(lambda: {**message_to_json(traces), **message_to_json(logs)})
        return {"resourceSpans": [], "resourceLogs": [], **documents}
