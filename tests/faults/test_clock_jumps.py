"""The clock of a running service jumps by an hour, back and forth, while conversations are held and released."""

from pathlib import Path

import pytest

from tests.faults.ledger import LONG, settle
from tests.faults.watched_load import CONFIG, Reader, Sender
from tests.support.processes import until
from tests.support.service import Service, ask_store

JUMPS = 40 if LONG else 4
_HOUR_NS = 3600 * 10**9
_FATE = {"keep": "released", "drop": "dropped"}
# Runs in the service's process before the program: its clock is the machine's plus what a file says. The program has
# no such setting; the engine's own `now()`, which only leases and retention ask, stays as it is.
_MOVED = """
import botlogs_collector.clock as clock
class Moved(clock.SystemClock):
    def now_ns(self):
        return super().now_ns() + int(open({file!r}).read() or 0)
clock.SystemClock = Moved
"""


@pytest.mark.timeout(1800 if LONG else 300)
def test_a_clock_that_jumps_by_an_hour_opens_nothing_early_and_loses_nothing(tmp_path: Path) -> None:
    """Nobody reads a conversation before its time or by halves; in the end each is out whole, or dropped, once.

    What arrived while the clock was ahead waits until that much time has passed; a restart believes the clock, so
    the test need not wait.
    """
    config, ahead = tmp_path / "botlogs.yaml", tmp_path / "ahead"
    config.write_text(CONFIG)
    ahead.write_text("0")
    with Service(tmp_path / "data", {"BOTLOGS_CONFIG": str(config)}, code=_MOVED.format(file=str(ahead))) as service:
        senders = [Sender(service.grpc) for _ in range(2)]
        reader = Reader(service, senders)
        for thread in (*senders, reader):
            thread.start()
        try:
            for jump in range(JUMPS):
                _wait_for_more(senders)
                _set(ahead, (_HOUR_NS, 0, -_HOUR_NS, 0)[jump % 4])
            _wait_for_more(senders)
        finally:
            for thread in (*senders, reader):
                thread.stopping.set()
                thread.join()
        assert service.program.stop() == 0
        _set(ahead, 2 * _HOUR_NS)
        service.restart()
        until(lambda: all(not _listed(service, state) for state in ("ongoing", "held")), 120)
        assert service.program.stop() == 0

    assert reader.wrongly_seen == []
    assert reader.answers[409] > 0, reader.answers
    _assert_all_there_once(service.folder, senders, reader.told())


def _set(file: Path, ahead_ns: int) -> None:
    """Move the clock in one step: nobody reads half a number."""
    new = file.with_suffix(".new")
    new.write_text(str(ahead_ns))
    new.replace(file)


def _wait_for_more(senders: list[Sender]) -> None:
    before = [len(sender.begun_ns) for sender in senders]
    until(lambda: all(len(s.begun_ns) > count + 10 for s, count in zip(senders, before, strict=True)))


def _listed(service: Service, state: str) -> list[object]:
    return service.get(f"/conversations?state={state}&limit=1")[1]["items"]


def _assert_all_there_once(folder: Path, senders: list[Sender], note: str) -> None:
    spans, records, receipts = ask_store(
        folder,
        "SELECT concat(TraceId, '-', SpanId) AS key, count() AS times FROM botlogs.otel_traces GROUP BY key",
        "SELECT concat(TraceId, '-', SpanId) AS key, count() AS times FROM botlogs.otel_logs GROUP BY key",
        "SELECT ConversationId AS c, count() AS n, any(Status) AS s FROM botlogs.receipts FINAL GROUP BY c, Episode",
    )
    wrong = [row for row in receipts if row["n"] != 1 or row["s"] != _FATE[row["c"][:4]]]
    assert not wrong, f"not what the policy says, or not once: {wrong[:3]}"
    held = {conversation for sender in senders for conversation in sender.begun_ns}
    assert held <= {row["c"] for row in receipts}
    for what, sent, stored in (
        ("spans", [sender.spans for sender in senders], spans),
        ("records", [sender.records for sender in senders], records),
    ):
        settle(
            f"a clock that jumps by an hour, {what}", JUMPS, acknowledged=set().union(*sent),
            readable={row["key"]: row["times"] for row in stored}, note=note if what == "spans" else "",
        )  # fmt: skip
