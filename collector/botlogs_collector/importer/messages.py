"""Messages of the OpenTelemetry Collector's file exporter with `compression: zstd`: four bytes of length, one frame."""

import sys
from collections.abc import Iterator
from typing import BinaryIO

from botlogs_collector.errors import InvalidRequest
from botlogs_collector.importer.entry import MAX_ENTRY_BYTES, Entry

if sys.version_info >= (3, 14):
    from compression.zstd import ZstdDecompressor, ZstdError
else:
    from backports.zstd import ZstdDecompressor, ZstdError


def read_messages(stream: BinaryIO, number: int = 0, offset: int = 0) -> Iterator[Entry]:
    """Yield each message; *number* and *offset* are of the last one before *stream*.

    Raises:
        InvalidRequest: the file ends in the middle of one, or it is not zstd.
    """
    while head := stream.read(4):
        number += 1
        size = int.from_bytes(head, "big")
        frame = stream.read(size)
        if len(head) < 4 or len(frame) < size:
            raise InvalidRequest(f"the file ends in the middle of message {number}")
        offset += 4 + size
        decoder = ZstdDecompressor()
        try:
            data = decoder.decompress(frame, max_length=MAX_ENTRY_BYTES + 1)
        except ZstdError as error:
            raise InvalidRequest(f"message {number} is not zstd: {error}") from None
        yield Entry(number=number, data=data if len(data) <= MAX_ENTRY_BYTES else None, end=offset)
