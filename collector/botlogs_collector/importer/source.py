"""A file of telemetry opened: which of its forms it has is read off its first bytes, never off its name."""

import gzip
import re
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Literal, cast

from botlogs_collector.errors import InvalidRequest
from botlogs_collector.importer.entry import Entry
from botlogs_collector.importer.lines import read_lines
from botlogs_collector.importer.messages import read_messages
from botlogs_collector.importer.traces import read_traces

if sys.version_info >= (3, 14):
    from compression.zstd import ZstdError, ZstdFile
else:
    from backports.zstd import ZstdError, ZstdFile

_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_JAEGER: Final = re.compile(rb'\s*\{\s*"data"\s*:\s*\[')
_HEAD_BYTES: Final = 4096

Noun = Literal["line", "message", "trace"]


class Source:
    """One file, to read once from its start or from where an earlier reading stopped."""

    def __init__(self, path: Path) -> None:
        """Open *path*.

        Raises:
            OSError: it cannot be read.
        """
        self.size = path.stat().st_size
        self._raw = path.open("rb")
        head = self._raw.read(_HEAD_BYTES)
        self._raw.seek(0)
        self.head = head
        self._stream = cast("BinaryIO", self._raw)
        self.can_seek = False
        self.noun: Noun = "line"
        if head.startswith(_GZIP):
            self._stream = cast("BinaryIO", gzip.GzipFile(fileobj=self._raw))
        elif head.startswith(_ZSTD):
            self._stream = cast("BinaryIO", ZstdFile(self._raw))
        elif head[4:8] == _ZSTD:
            self.noun, self.can_seek = "message", True
            return
        else:
            self.can_seek = True
        if _JAEGER.match(self._peek()):
            self.noun, self.can_seek = "trace", False

    def entries(self, after: int, offset: int) -> Iterator[Entry]:
        """Yield what comes after entry *after*, which ends at *offset*.

        Raises:
            InvalidRequest: the file is damaged from here on, or of a form that is not read here.
        """
        if self.noun == "line" and self.head.startswith(b"\0"):
            raise InvalidRequest("the file is not JSON; of the file exporter's formats `format: json` is read here")
        try:
            if self.noun == "trace":
                yield from read_traces(self._stream, after)
                return
            read = read_messages if self.noun == "message" else read_lines
            if self.can_seek and offset:
                self._raw.seek(offset)
                yield from read(self._stream, after, offset)
            else:
                yield from (entry for entry in read(self._stream) if entry.number > after)
        except (EOFError, zlib.error, gzip.BadGzipFile, ZstdError) as error:
            raise InvalidRequest(f"the compressed file is damaged or ends early: {error}") from None

    @property
    def position(self) -> int:
        """How many of the file's bytes have been read."""
        return self._raw.tell()

    def __enter__(self) -> "Source":
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._stream.close()
        self._raw.close()

    def _peek(self) -> bytes:
        """Return the first bytes inflated, and go back to the start."""
        try:
            text = self._stream.read(_HEAD_BYTES)
        except (EOFError, zlib.error, gzip.BadGzipFile, ZstdError):
            return b""  # damaged: said when it is read
        self._stream.seek(0)
        return text
