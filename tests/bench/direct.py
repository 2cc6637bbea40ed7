"""The yardstick of tests/bench/ingest.py: requests straight into the engine, without network, answers or waiting.

`python -m tests.bench.direct ROUNDS SHAPE …` prints the CPU µs an item for each shape.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.requests import requests_of
from tests.bench.shape import Shape
from tests.support.store import Store, open_store

ITEMS = 10_240  # a commit


def main(rounds: int, shapes: list[Shape]) -> None:
    """Print one line a shape."""
    with tempfile.TemporaryDirectory(prefix="botlogs-bench-") as folder:
        store = open_store(Path(folder))
        for shape in shapes:
            print(_insert_us(store, shape, rounds))
        store.database.close()


def _insert_us(store: Store, shape: Shape, rounds: int) -> float:
    bodies = requests_of(shape, max(1, ITEMS // shape.size))
    times: list[float] = []
    for _ in range(rounds + 1):
        started = time.process_time()
        store.otlp.insert(shape.signal, bodies, time.time_ns())
        times.append(time.process_time() - started)
    return statistics.median(times[1:]) / (shape.size * len(bodies)) * 1e6


if __name__ == "__main__":
    main(int(sys.argv[1]), [Shape.from_json(text) for text in sys.argv[2:]])
