"""What is there at the end, asked in two ways: as readers do, and row by row, where collapsing hides no double."""

import re
import urllib.request
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tests.support.service import Service, ask_store


def spans_read(service: Service, conversations: Iterable[str]) -> Counter[str]:
    """Return how often each span of *conversations* is in what the query API says, by its id."""
    return Counter(span["spanId"] for name in conversations for span in _spans(service, name))


def _spans(service: Service, conversation: str) -> Iterator[dict[str, Any]]:
    status, body = service.get(f"/conversations/{conversation}/trace")
    if status == 404:
        return  # nothing of it is there, which is for the caller to judge
    assert status == 200, (status, body)
    for resource in body["resourceSpans"]:
        for scope in resource["scopeSpans"]:
            yield from scope["spans"]


def spans_stored(service: Service) -> int:
    """Return how many spans were made durable since the start, those that came twice counted twice."""
    with urllib.request.urlopen(f"{service.api}/metrics", timeout=20) as answer:
        found = re.search(
            r'^botlogs_accepted_items_total\{signal="traces"\} (\S+)$', answer.read().decode(), re.MULTILINE
        )
    return round(float(found[1])) if found else 0


def span_rows(folder: Path) -> dict[str, int]:
    """Return how many rows each span has in a stopped service's *folder*, those that readers see as one included."""
    (rows,) = ask_store(folder, "SELECT SpanId AS id, count() AS n FROM botlogs.otel_traces GROUP BY id")
    return {row["id"]: row["n"] for row in rows}
