"""Spares the release engine its costly question while the answer can only be "nothing".

Finding out what is due costs 60 ms over an empty store and a second over a large hold, every round. When two
rounds in a row find nothing and nothing happened between them, it is known when the next conversation will be
due; until then a look at whether anything happened is enough.
"""

import datetime as dt

from botlogs_collector.store.client import Database

# Asked at least so often all the same: what this look might miss is late by no more.
_AT_LEAST_EVERY_NS = 60 * 1_000_000_000


class QuietHold:
    """What is known about a hold in which nothing is due."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._version = ""
        self._until_ns = 0

    def version(self, since: dt.date) -> str:
        """Return what differs after anything that may change what is due; ask it before asking what is."""
        return str(self._database.query("hold_version", since=since)[0]["HoldVersion"])

    def lasts(self, version: str, now_ns: int) -> bool:
        """Return whether nothing can be due at *now_ns*."""
        return version == self._version and self._until_ns - _AT_LEAST_EVERY_NS <= now_ns < self._until_ns

    def found_nothing(self, version: str, now_ns: int, since: dt.date) -> None:
        """Note that nothing was due at *now_ns*; the second time find out until when that is so."""
        self._until_ns = 0
        if version == self._version:
            next_due_ns = int(self._database.query("next_due", now_ns=now_ns, since=since)[0]["NextDue"])
            latest_ns = now_ns + _AT_LEAST_EVERY_NS
            self._until_ns = min(next_due_ns or latest_ns, latest_ns)
        self._version = version
