"""Where a stream stands: the id of a server-sent event, enough to go on without gap or double.

Rows become visible late and out of order (another collector's commit, a release), so one number
cannot say what was sent. A cursor says: all that became visible up to `settled` was sent; of what
became visible from there to `target`, what lies up to `position` in time order; and the entries in
`sent`. It holds at most MAX_SENT of those: after more than that many within the seconds in which
commits may still overtake one another, a reader that reconnects may miss one that was overtaken.
"""

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass, field
from typing import Final, cast

from botlogs_collector.errors import InvalidRequest
from botlogs_collector.model.reading import START, ConversationRef, Entry, EntryPosition

MAX_SENT: Final = 500
_MAX_LENGTH: Final = 16_384
_MARK_CHARS: Final = 6
_UNKNOWN: Final = 2**63 - 1
_BAD: Final = "this Last-Event-ID is not one of this conversation's stream; leave it out to start over"


@dataclass(slots=True, kw_only=True)
class FollowCursor:
    """The place of one reader in one conversation's stream; changes as it reads. Times are Unix nanoseconds."""

    settled: int
    target: int
    position: EntryPosition | None  # None: there is nothing between `settled` and `target` any more
    sent: dict[str, int] = field(default_factory=dict[str, int])  # mark of an entry: when it became visible

    def has(self, entry: Entry) -> bool:
        """Whether *entry* was sent; remembers when it became visible."""
        if entry.visible_unix_nano <= self.settled:
            return True
        name = mark(entry)
        if name in self.sent:
            self.sent[name] = entry.visible_unix_nano
        return name in self.sent

    def add(self, entry: Entry) -> None:
        """Note that *entry* was sent."""
        self.sent[mark(entry)] = entry.visible_unix_nano

    def aim(self, target: int) -> None:
        """Begin with what became visible up to *target*, in time order."""
        self.target = max(self.settled, target)
        self.position = START if self.target > self.settled else None

    def settle(self, until: int) -> None:
        """Note that all that is visible up to *until* was sent, and nothing more will become visible there."""
        self.settled = self.target = max(self.settled, until)
        self.position = None
        self.sent = {name: visible for name, visible in self.sent.items() if visible > self.settled}

    def forget_unknown(self) -> None:
        """Drop the marks that came with a Last-Event-ID and belong to nothing that was read since."""
        self.sent = {name: visible for name, visible in self.sent.items() if visible != _UNKNOWN}

    def encode(self, ref: ConversationRef) -> str:
        """Return it as text for the `id` of an event."""
        settled, sent = self.settled, self.sent
        if self.position is None and len(sent) > MAX_SENT:
            settled = max(settled, sorted(sent.values())[-MAX_SENT - 1])
            sent = [name for name, visible in sent.items() if visible > settled][:MAX_SENT]
        target = max(settled, self.target)
        place = None if self.position is None else list(self.position)
        payload = json.dumps([_fingerprint(ref), settled, target, place, "".join(sent)], separators=(",", ":"))
        return base64.urlsafe_b64encode(payload.encode()).decode().rstrip("=")


def decode(ref: ConversationRef, text: str) -> FollowCursor:
    """Return the cursor that *text* says.

    Raises:
        InvalidRequest: it is none, or another conversation's.
    """
    if len(text) > _MAX_LENGTH:
        raise InvalidRequest(_BAD)
    try:
        payload: object = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        raise InvalidRequest(_BAD) from None
    match payload:
        case [str(fingerprint), int(settled), int(target), place, str(sent)]:
            if fingerprint != _fingerprint(ref) or not 0 <= settled <= target < 2**63 or len(sent) % _MARK_CHARS:
                raise InvalidRequest(_BAD)
            marks = (sent[i : i + _MARK_CHARS] for i in range(0, len(sent), _MARK_CHARS))
            return FollowCursor(
                settled=settled, target=target, position=_place(place), sent=dict.fromkeys(marks, _UNKNOWN)
            )
        case _:
            raise InvalidRequest(_BAD)


def mark(entry: Entry) -> str:
    """Return a short name of *entry*, unique enough among the last seconds' of one conversation."""
    digest = hashlib.blake2b(entry.item_id.encode("utf-8", "replace"), digest_size=5).digest()
    return base64.urlsafe_b64encode(digest).decode()[:_MARK_CHARS]


def _place(raw: object) -> EntryPosition | None:
    if raw is None:
        return None
    parts = cast("list[object]", raw) if isinstance(raw, list) else []
    match parts:
        case [int(time), int(rank), str(item_id)] if -(2**63) <= time < 2**63 and 0 <= rank < 100:
            return EntryPosition(time, rank, item_id[:100])
        case _:
            raise InvalidRequest(_BAD)


def _fingerprint(ref: ConversationRef) -> str:
    return hashlib.blake2b(ref.key.encode("utf-8", "replace"), digest_size=4).hexdigest()
