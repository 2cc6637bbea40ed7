"""The yardstick of tests/bench/ingest.py: requests straight into the engine, without network, answers or waiting."""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.requests import trace_requests
from tests.support.store import open_store


def main(rounds: int) -> None:
    """Print the CPU µs a span."""
    with tempfile.TemporaryDirectory(prefix="botlogs-bench-") as folder:
        store = open_store(Path(folder))
        bodies = trace_requests(512, 20)
        store.otlp.insert("traces", bodies, 1_700_000_000_000_000_000)
        times: list[float] = []
        for number in range(rounds):
            started = time.process_time()
            store.otlp.insert("traces", bodies, 1_700_000_000_000_000_001 + number)
            times.append(time.process_time() - started)
        store.database.close()
    print(statistics.median(times) / (512 * len(bodies)) * 1e6)


if __name__ == "__main__":
    main(int(sys.argv[1]))
