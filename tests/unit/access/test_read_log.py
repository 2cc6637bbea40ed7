"""Who has read what of production is on record; where it cannot be, nothing is read."""

import dataclasses
from collections.abc import Sequence

import pytest

from botlogs_collector.access.principal import EVERYBODY, Principal
from botlogs_collector.access.read_log import MAX_WAITING, ReadLog
from botlogs_collector.clock import ManualClock
from botlogs_collector.errors import Overloaded, Retryable
from botlogs_collector.model.conversation import ConversationKey, TraceId
from botlogs_collector.model.reading import ConversationRef, Reading
from botlogs_collector.telemetry import Telemetry

pytestmark = pytest.mark.anyio
ANA = Principal(name="ana", roles=frozenset({"analyst"}))
REF = ConversationRef(
    key=ConversationKey("k"), conversation_id="conv-1", environment="production", bot_id="shop", channel="",
    trace_ids=(TraceId("0" * 32),), first_received_unix_nano=0, last_received_unix_nano=0, end_received_unix_nano=0,
    node_actions=0, log_events=0, spans=0, span_events=0, bytes=100, is_live=False, is_readable=True,
)  # fmt: skip


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class _Kept:
    """A store that keeps what it is given, or refuses while it is `broken`."""

    def __init__(self) -> None:
        self.rows: list[Reading] = []
        self.broken = False

    def write_readings(self, readings: Sequence[Reading]) -> None:
        if self.broken:
            raise Retryable("no answer")
        self.rows += readings


async def test_one_row_a_minute_reader_and_conversation() -> None:
    """Paging through a conversation is one row; a minute later, another reader or conversation is another."""
    kept, clock = _Kept(), ManualClock()
    log = ReadLog(kept, clock, Telemetry())

    for _ in range(3):
        log.note(ANA, REF)
    log.note(EVERYBODY, REF)
    log.note(ANA, dataclasses.replace(REF, key=ConversationKey("other"), conversation_id="", trace_ids=(TraceId("f"),)))
    log.note(ANA, dataclasses.replace(REF, is_live=True))
    clock.advance(61)
    log.note(ANA, REF)
    await log.write()

    assert [(row.by, row.conversation, row.masked) for row in kept.rows] == [
        ("ana", "conv-1", True), ("(no tokens)", "conv-1", False), ("ana", "f", True), ("ana", "conv-1", True),
    ]  # fmt: skip


async def test_what_could_not_be_written_is_written_later() -> None:
    """A store that does not answer loses no row, and nothing is written twice."""
    kept, telemetry = _Kept(), Telemetry()
    log = ReadLog(kept, ManualClock(), telemetry)
    log.note(ANA, REF)

    kept.broken = True
    await log.write()
    kept.broken = False
    await log.write()
    await log.stop()

    assert len(kept.rows) == 1
    assert "botlogs_audit_failures_total 1.0" in telemetry.exposition().decode()


async def test_nothing_is_read_that_cannot_be_put_on_record() -> None:
    """When the rows that wait are too many, reading production is refused until they are written, and counted."""
    kept, telemetry = _Kept(), Telemetry()
    log = ReadLog(kept, ManualClock(), telemetry)
    for number in range(MAX_WAITING):
        log.note(ANA, dataclasses.replace(REF, key=ConversationKey(str(number))))

    with pytest.raises(Overloaded):
        log.note(ANA, REF)
    await log.write()
    log.note(ANA, REF)

    assert 'botlogs_audited_reads_total{outcome="refused"} 1.0' in telemetry.exposition().decode()
    assert len(kept.rows) == MAX_WAITING
