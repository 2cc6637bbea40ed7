"""The yardstick of live latency: a log event into the engine and out again, without network, service or stream.

`python -m tests.bench.bare ROUNDS` prints the milliseconds of each round.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.support.sender import Talk
from tests.support.store import Store, open_store, unique

_ROWS = "SELECT Timestamp, Body FROM botlogs.otel_logs WHERE TraceId = {trace:String} ORDER BY Timestamp DESC LIMIT 100"


def insert_and_select_ms(rounds: int) -> float:
    """Return the median, from a process of its own: a process can have one engine."""
    command = [sys.executable, "-m", "tests.bench.bare", str(rounds)]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return statistics.median(map(float, output.split()))


def main(rounds: int) -> None:
    """Print one line a round."""
    with tempfile.TemporaryDirectory(prefix="botlogs-bench-") as folder:
        store = open_store(Path(folder))
        for _ in range(rounds):
            print(_round_ms(store))
        store.database.close()


def _round_ms(store: Store) -> float:
    talk = Talk(unique(), environment="sandbox")
    talk.log("bot.log", "line")
    body = talk.logs.SerializeToString()
    started = time.perf_counter()
    store.insert("logs", body, received_unix_nano=time.time_ns())
    assert store.database.rows(_ROWS, trace=talk.trace)
    return (time.perf_counter() - started) * 1e3


if __name__ == "__main__":
    main(int(sys.argv[1]))
