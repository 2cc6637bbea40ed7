"""One file from where it was left to its end: read, translated, sent, marked."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from botlogs_collector.errors import InvalidRequest
from botlogs_collector.importer.endpoint import Endpoint, Stopped
from botlogs_collector.importer.entry import MAX_ENTRY_BYTES, Entry
from botlogs_collector.importer.marks import Mark, Marks, digest
from botlogs_collector.importer.outgoing import Outgoing
from botlogs_collector.importer.parse import parse_entry
from botlogs_collector.importer.source import Source

BAD_TOLD: Final = 100  # of so many bad entries the summary keeps what was wrong; all are counted


@dataclass(slots=True, kw_only=True)
class FileResult:
    """What became of one file. `entries` counts what was read this time: lines, messages or traces."""

    file: str
    noun: str = "line"
    went_on_after: int = 0
    entries: int = 0
    spans: int = 0
    log_records: int = 0
    rejected: int = 0
    not_handled: int = 0
    skipped: int = 0
    stopped: str | None = None
    bad: list[dict[str, object]] = field(default_factory=list[dict[str, object]])

    @property
    def is_whole(self) -> bool:
        """Whether everything that should have arrived did."""
        return not (self.skipped or self.rejected or self.stopped)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Whom to tell: `bad` of each bad entry as it is found, `position` of bytes read and the file's size."""

    bad: Callable[[str], None]
    position: Callable[[int, int], None]


def import_file(
    path: Path, endpoint: Endpoint, marks: Marks, watch: Watch, *, environment: str | None, from_entry: int | None
) -> FileResult:
    """Send what *path* holds, from entry *from_entry* or from where the last run stopped."""
    result = FileResult(file=str(path))
    run = _Run(result, endpoint, watch, environment)
    try:
        with Source(path) as source:
            result.noun = source.noun
            mark = marks.load(path, endpoint.url)
            if not mark.fits(source.head, source.size):
                mark = Mark()
            if from_entry is not None:
                mark = Mark(entry=from_entry - 1) if from_entry > 1 else Mark()
            result.went_on_after = mark.entry
            try:
                for entry in source.entries(mark.entry, mark.offset):
                    if run.take(entry):
                        marks.save(path, endpoint.url, _mark(source, entry))
                    watch.position(source.position, source.size)
            except InvalidRequest as error:  # the file is damaged here: what was read before it is good
                run.bad(run.next_number, str(error))
            if run.last is not None:
                run.outgoing.flush()
                marks.save(path, endpoint.url, _mark(source, run.last))
    except (InvalidRequest, OSError) as error:
        run.bad(run.next_number, str(error))
    except Stopped as error:
        result.stopped = str(error)
    run.close()
    return result


class _Run:
    """The state of one file's import."""

    def __init__(self, result: FileResult, endpoint: Endpoint, watch: Watch, environment: str | None) -> None:
        self._result = result
        self._watch = watch
        self._environment = environment
        self.outgoing = Outgoing(endpoint, self._tell)
        self.last: Entry | None = None

    @property
    def next_number(self) -> int:
        """The number of the entry after the last one that could be read."""
        return (self.last.number if self.last else self._result.went_on_after) + 1

    def take(self, entry: Entry) -> bool:
        """Take one entry; true when everything up to it has been sent."""
        before, self.last = self.last, Entry(number=entry.number, data=None, end=entry.end)
        self._result.entries += 1
        if entry.data is None:
            self.bad(entry.number, f"longer than {MAX_ENTRY_BYTES // 1024**2} MiB")
            return False
        try:
            parsed = parse_entry(entry.data, self._environment)
        except InvalidRequest as error:
            self.bad(entry.number, str(error))
            if self._result.noun == "line" and not entry.data.endswith(b"\n"):
                self.last = before  # still being written: the next run reads it whole
            return False
        self._result.not_handled += not parsed.requests and parsed.kind in ("metrics", "profiles")
        for signal, request in parsed.requests:
            self.outgoing.add(entry.number, signal, request)
        if self.outgoing.is_full:
            self.outgoing.flush()
            return True
        return False

    def bad(self, number: int, what: str) -> None:
        """Report an entry that is skipped."""
        self._result.skipped += 1
        self._tell(number, what)

    def _tell(self, number: int, what: str) -> None:
        self._watch.bad(f"{self._result.file}: {self._result.noun} {number}: {what}")
        if len(self._result.bad) < BAD_TOLD:
            self._result.bad.append({self._result.noun: number, "reason": what})

    def close(self) -> None:
        """Bring the counts of what left into the result."""
        self._result.spans = self.outgoing.taken["traces"]
        self._result.log_records = self.outgoing.taken["logs"]
        self._result.rejected = self.outgoing.rejected
        self._result.skipped += self.outgoing.refused


def _mark(source: Source, entry: Entry) -> Mark:
    head = source.head
    return Mark(entry=entry.number, offset=entry.end if source.can_seek else 0, head=digest(head), head_bytes=len(head))
