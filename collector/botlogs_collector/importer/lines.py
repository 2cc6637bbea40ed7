"""JSON lines of a file, one at a time, in bounded memory.

A document that is written over several lines (`jq .` does so) is one entry: it begins with a line that is
nothing but `{` and ends with one that begins with `}`.
"""

from collections.abc import Iterator
from typing import BinaryIO

from botlogs_collector.importer.entry import MAX_ENTRY_BYTES, Entry


def read_lines(stream: BinaryIO, number: int = 0, offset: int = 0) -> Iterator[Entry]:
    """Yield the lines of *stream* that are not blank; *number* and *offset* are of the last one before it."""
    begun: list[bytes] = []
    first = 0
    for line, size in _bounded(stream):
        number += 1
        offset += size
        if begun:
            if line is not None and not line.startswith((b"{", b"[")):
                begun.append(line)
                if line.startswith(b"}") or sum(map(len, begun)) > MAX_ENTRY_BYTES:
                    yield Entry(number=first, data=b"".join(begun), end=offset)
                    begun = []
                continue
            yield Entry(number=first, data=b"".join(begun), end=offset - size)  # it was none: a line cut off
            begun = []
        if line is not None and line.strip() == b"{":
            begun, first = [line], number
        elif line is None or line.strip():
            yield Entry(number=number, data=line, end=offset)
    if begun:
        yield Entry(number=first, data=b"".join(begun), end=offset)


def _bounded(stream: BinaryIO) -> Iterator[tuple[bytes | None, int]]:
    """Yield each line, None for one that is too long, and how many bytes it takes."""
    while line := stream.readline(MAX_ENTRY_BYTES + 1):
        size = len(line)
        if size <= MAX_ENTRY_BYTES or line.endswith(b"\n"):
            yield line, size
            continue
        while (more := stream.readline(1024 * 1024)) and not more.endswith(b"\n"):
            size += len(more)
        yield None, size + len(more)
