"""Senders die at random moments, in the middle of a request or just before its answer: what they were told holds."""

import random
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.faults.ledger import LONG, settle
from tests.faults.one_span import span_request
from tests.faults.readers import span_rows, spans_read
from tests.support.service import Service, post

KILLS = 100 if LONG else 2
_ID_BYTES = len("0123456789abcdef\n")


def _killed(target: str, conversation: str, after_s: float) -> set[str]:
    """Run a bot, kill it *after_s* from its first acknowledgement, and return what it was told was accepted."""
    command = [sys.executable, "-m", "tests.faults.sdk_sender", target, conversation]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as bot:
        assert bot.stdout is not None
        first = bot.stdout.readline()
        threading.Event().wait(after_s)
        bot.kill()
        lines = [first, *bot.stdout]
    return {line.strip() for line in lines if len(line) == _ID_BYTES}  # its last one may be cut short


@pytest.mark.timeout(1800 if LONG else 240)
def test_killed_senders_leave_what_they_were_told_was_accepted(tmp_path: Path) -> None:
    """Every span that an official exporter heard was accepted is read once; the service serves the next one."""
    moments = random.SystemRandom()
    told: set[str] = set()
    with Service(tmp_path / "data") as service:
        for number in range(KILLS):
            told |= _killed(service.grpc, f"bot-{number}", moments.uniform(0, 0.5))
            assert post(f"{service.http}/v1/traces", span_request("another"))[0] == 200
        read = spans_read(service, [f"bot-{number}" for number in range(KILLS)])
        assert service.program.stop() == 0
        said = service.program.err

    untold = len(read.keys() - told)
    note = f"{untold} were stored whose acknowledgement nobody heard"
    settle("kill -9 of senders", KILLS, acknowledged=told, readable=read, note=note)
    rows = {span: count for span, count in span_rows(service.folder).items() if span in told}
    settle("the same, row by row", KILLS, acknowledged=told, readable=rows)
    assert said == []
