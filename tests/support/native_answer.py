"""Rows in ClickHouse's Native format as a server writes it for a client with a protocol version.

The embedded engine writes the form without one; clickhouse-go reads only this. Texts and 32 bit numbers alone:
what a client asks before it inserts.
"""

from collections.abc import Sequence

from botlogs_collector.otlp.nested import varint

_BLOCK_INFO = b"\x01\x00\x02\xff\xff\xff\xff\x00"


def native_block(columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[str]]) -> bytes:
    """Return *rows*, all values as text, of *columns* (name and type)."""
    parts = [_BLOCK_INFO, varint(len(columns)), varint(len(rows))]
    for at, (name, kind) in enumerate(columns):
        parts += [_text(name), _text(kind), b"\0"]  # no custom serialization
        parts += [_text(row[at]) if kind == "String" else int(row[at]).to_bytes(4, "little") for row in rows]
    return b"".join(parts)


def _text(text: str) -> bytes:
    data = text.encode()
    return varint(len(data)) + data
