"""How far each file was imported, kept between runs so that the next one goes on from there.

One small file for each imported file and endpoint, in a folder of state and not beside the data: that is
often read-only or collected by others. It may be lost or stale without harm, as duplicates collapse.
"""

import contextlib
import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The last entry that the endpoint has taken, and the offset after it; `head` tells a new file of the same name."""

    entry: int = 0
    offset: int = 0
    head: str = ""
    head_bytes: int = 0

    def fits(self, head: bytes, size: int) -> bool:
        """Whether it was made of the file that now begins with *head* and has *size* bytes."""
        is_same = self.head_bytes <= len(head) and self.head == digest(head[: self.head_bytes])
        return self.entry > 0 and is_same and self.offset <= size


class Marks:
    """The marks in *folder*, which is made when the first one is written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, path: Path, url: str) -> Mark:
        """Return the mark of a file and endpoint; the mark of nothing if there is none that can be read."""
        try:
            stored = json.loads(self._file(path, url).read_text(encoding="utf-8"))
            return Mark(
                entry=int(stored["entry"]), offset=int(stored["offset"]),
                head=str(stored["head"]), head_bytes=int(stored["head_bytes"]),
            )  # fmt: skip
        except (OSError, ValueError, KeyError, TypeError):
            return Mark()

    def save(self, path: Path, url: str, mark: Mark) -> None:
        """Write *mark* whole or not at all; a folder that cannot be written costs the resuming, not the import."""
        file = self._file(path, url)
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            part = file.with_suffix(".part")
            part.write_text(json.dumps({"file": str(path.resolve()), "url": url, **asdict(mark)}), encoding="utf-8")
            os.replace(part, file)  # noqa: PTH105 - atomic, by its own name

    def _file(self, path: Path, url: str) -> Path:
        key = digest(f"{path.resolve()}\n{url}".encode())
        return self._folder / f"{key[:32]}.json"


def digest(data: bytes) -> str:
    """Return the SHA-256 of *data* in hex."""
    return hashlib.sha256(data).hexdigest()
