"""The traces of a Jaeger document, cut out of it one at a time: the document itself may be of any size.

Only quotes and brackets are looked at. A trace is an object in an array in the outermost object.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from botlogs_collector.importer.entry import MAX_ENTRY_BYTES, Entry

_CHUNK_BYTES = 1024 * 1024
# A text (without its last quote: it goes on in the next chunk), or a bracket.
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+("?)|[{}\[\]]', re.DOTALL)
_OF_A_TRACE = 2


def read_traces(stream: BinaryIO, skip: int = 0) -> Iterator[Entry]:
    """Yield each trace of the document in *stream* but the first *skip*."""
    number = depth = 0
    kept, start, at = b"", None, 0  # what is unread or of an open trace; where that begins; where to look on
    is_long = False
    while chunk := stream.read(_CHUNK_BYTES):
        kept += chunk
        for token in _TOKEN.finditer(kept, at):
            at = token.end()
            mark = token[0]
            if mark.startswith(b'"'):
                if not token[1]:
                    at = token.start()
                    break
            elif mark in b"{[":
                if depth == _OF_A_TRACE and mark == b"{":
                    number, start = number + 1, token.start()
                depth += 1
            else:
                depth -= 1
                if depth == _OF_A_TRACE and start is not None:
                    if number > skip:
                        yield Entry(number=number, data=None if is_long else kept[start:at])
                    start, is_long = None, False
        is_long = is_long or (start is not None and len(kept) - start > MAX_ENTRY_BYTES)
        if start is None or is_long:
            kept, at = _unread(kept[at:]), 0
            start = 0 if is_long else None
        elif start:
            kept, at, start = kept[start:], at - start, 0
    if start is not None and number > skip:
        yield Entry(number=number, data=None if is_long else kept)


def _unread(rest: bytes) -> bytes:
    """Return what stands for *rest*, which nobody wants: of an open text, its quote and whether its end is escaped."""
    if not rest.startswith(b'"'):
        return rest
    return b'"' + rest[len(rest.rstrip(b"\\")) :]
