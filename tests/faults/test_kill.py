"""Kill -9 at random moments under load: whatever was acknowledged is there, once, and nothing came out early."""

import os
import random
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.ledger import LONG, settle
from tests.faults.watched_load import CONFIG, DELAY_NS, Reader, Sender
from tests.support.processes import until
from tests.support.service import Service, ask_store

KILLS = int(os.environ.get("BOTLOGS_KILLS", "200" if LONG else "10"))


@pytest.mark.timeout(7200 if LONG else 300)
def test_kills_under_load_lose_nothing_and_release_once(tmp_path: Path) -> None:
    """Every acknowledged span and record is there once; each held conversation has its receipt; none is read early."""
    config = tmp_path / "botlogs.yaml"
    config.write_text(CONFIG)
    with Service(tmp_path / "data", {"BOTLOGS_CONFIG": str(config)}) as service:
        senders = [Sender(service.grpc) for _ in range(3)]
        reader = Reader(service, senders)
        for thread in (*senders, reader):
            thread.start()
        try:
            _kill_again_and_again(service, senders)
        finally:
            for thread in (*senders, reader):
                thread.stopping.set()
                thread.join()
        _wait_until_all_are_decided(service)
        listed = Counter(f"{item['conversation_id'][:4]} {item['state']}" for item in _listed(service))
        assert service.program.stop() == 0

    assert reader.wrongly_seen == []
    assert min(reader.answers[status] for status in (200, 409, 410)) > 0, reader.answers
    _assert_all_there_once(service.folder, senders, reader.told())
    assert set(listed) <= {"live live", "keep released", "drop dropped", "drop released"}, listed


def _kill_again_and_again(service: Service, senders: list[Sender]) -> None:
    pause = threading.Event()
    moments = random.SystemRandom()
    for _ in range(KILLS):
        before = _acknowledged(senders)
        until(lambda before=before: _acknowledged(senders) > before)  # there is load
        pause.wait(moments.uniform(0, 1.0))
        service.program.stop(9)
        service.restart()


def _acknowledged(senders: list[Sender]) -> int:
    return sum(len(sender.spans) + len(sender.records) for sender in senders)


def _wait_until_all_are_decided(service: Service) -> None:
    def all_decided() -> bool:
        waiting = [service.get(f"/conversations?state={state}&limit=1")[1]["items"] for state in ("ongoing", "held")]
        return waiting == [[], []]

    until(all_decided, 300 if LONG else 60)


def _listed(service: Service) -> Iterator[dict[str, Any]]:
    """Every conversation that the query API lists."""
    cursor = ""
    while True:
        page = service.get(f"/conversations?limit=200{cursor}")[1]
        yield from page["items"]
        if not page["next_cursor"]:
            return
        cursor = f"&cursor={page['next_cursor']}"


def _assert_all_there_once(folder: Path, senders: list[Sender], note: str) -> None:
    key = "concat(TraceId, '-', SpanId) AS key"
    # Rows as they lie, before any collapse: a row moved twice shows.
    spans, records, of_dropped, early, receipts = ask_store(
        folder,
        f"SELECT {key}, count() AS times FROM botlogs.otel_traces GROUP BY key",
        f"SELECT {key}, count() AS times FROM botlogs.otel_logs GROUP BY key",
        "SELECT ConversationId FROM merge('botlogs', '^(otel_traces|otel_logs|made_roots)$')"
        " WHERE startsWith(ConversationId, 'drop')",
        # Readable before its time, or a delay that was cut short.
        "SELECT ConversationKey FROM botlogs.receipts FINAL WHERE Status = 'released' AND ReleasedAt < AvailableAt"
        f" OR AvailableAt < EndedAt + toIntervalNanosecond({DELAY_NS})"
        " UNION ALL SELECT ConversationId FROM botlogs.otel_traces AS row INNER JOIN"
        " (SELECT ConversationId, min(AvailableAt) AS Available FROM botlogs.receipts FINAL GROUP BY 1) AS receipt"
        " USING (ConversationId) WHERE row.VisibleAt < receipt.Available",
        "SELECT ConversationId AS c, Episode, count() AS n, any(Status) AS s, any(DecidedBy) AS by"
        " FROM botlogs.receipts FINAL GROUP BY 1, 2",
    )
    assert (early, of_dropped) == ([], [])
    assert all(row["n"] == 1 for row in receipts)
    # Of a commit that was killed in the middle: kept, empty, and nobody was told that it is there.
    torn = {row["c"] for row in receipts if row["by"] == "error:no_rows"}
    acknowledged = {conversation for sender in senders for conversation in sender.begun_ns}
    assert not torn & acknowledged, "rows that were acknowledged are missing"
    receipts = [row for row in receipts if row["c"] not in torn]
    wrong = [row for row in receipts if row["s"] != ("released" if row["c"].startswith("keep") else "dropped")]
    assert not wrong, f"not what the policy says, or not finished: {wrong[:3]}"
    decided = {row["c"] for row in receipts}
    without = acknowledged - decided
    assert not without, f"{len(without)} conversations have no receipt, such as {min(without)}"
    for what, sent, stored in (
        ("spans", [sender.spans for sender in senders], spans),
        ("records", [sender.records for sender in senders], records),
    ):
        settle(
            f"kill -9 under load, {what}",
            KILLS,
            acknowledged=set().union(*sent),
            readable={row["key"]: row["times"] for row in stored},
            note=f"{len(receipts):,} receipts, {len(torn)} of torn commits; {note}" if what == "spans" else "",
        )
