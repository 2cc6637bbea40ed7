"""OTLP requests into the landing tables: one INSERT a commit, one row a scope, parsed by ClickHouse."""

from collections.abc import Sequence
from importlib.resources import files

from botlogs_collector.otlp.nested import varint
from botlogs_collector.otlp.scopes import cut_scopes
from botlogs_collector.ports import Signal
from botlogs_collector.store.client import Database

# received_unix_nano = 1000 in proto/botlogs/v1: fixed64.
_STAMP_TAG = b"\xc1\x3e"
_STAMP_BYTES = len(_STAMP_TAG) + 8

_MESSAGES = {"traces": "SpansOfScope", "logs": "LogsOfScope"}
_TABLES = {"traces": "botlogs_ingest.spans_of_scope", "logs": "botlogs_ingest.logs_of_scope"}
# An INSERT that takes longer is cancelled and its senders told to retry: no row may become visible later
# than this after its stamp (see release.watermark_lag).
COMMIT_DEADLINE_S = 30


class OtlpTables:
    """The durable end of the receivers."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._settings = {signal: _insert_settings(signal, is_embedded=database.is_embedded) for signal in _MESSAGES}

    def insert(self, signal: Signal, requests: Sequence[bytes], received_unix_nano: int) -> None:
        """See `ports.CommitSink`."""
        stamp = _STAMP_TAG + received_unix_nano.to_bytes(8, "little")
        parts: list[bytes | memoryview] = []
        for request in requests:
            for pieces in cut_scopes(request):
                parts += (varint(sum(map(len, pieces)) + _STAMP_BYTES), *pieces, stamp)
        if parts:
            self._database.insert_raw(_TABLES[signal], b"".join(parts), "Protobuf", self._settings[signal])


def _insert_settings(signal: str, *, is_embedded: bool) -> dict[str, object]:
    return {
        **_schema(signal, is_embedded=is_embedded),
        "input_format_protobuf_oneof_presence": 1,
        "max_execution_time": COMMIT_DEADLINE_S,
        # The views only map and route: a third of their fixed cost was spent optimizing plans (decision 0002).
        "query_plan_enable_optimizations": 0,
    }


def _schema(signal: str, *, is_embedded: bool) -> dict[str, object]:
    """The embedded engine reads our file; given as text it would leave a cache folder in the working directory."""
    path = files("botlogs_collector._pb") / "schema" / f"{signal}.proto"
    if is_embedded:
        return {"format_schema": f"{path}:{_MESSAGES[signal]}"}
    return {
        "format_schema_source": "string",
        "format_schema": path.read_text(encoding="utf-8"),
        "format_schema_message_name": _MESSAGES[signal],
    }


def request_schema(signal: Signal) -> str:
    """Return the Protobuf schema of whole requests as ClickHouse reads it: message TracesRequest or LogsRequest."""
    return (files("botlogs_collector._pb") / "schema" / f"{signal}.proto").read_text(encoding="utf-8")
