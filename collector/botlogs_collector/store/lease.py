"""One releaser, and one forwarder an endpoint, where several collectors share a store (ports.Lease, decision 0003).

ClickHouse has no compare-and-set, so a claim is a row, the oldest living claim wins, and a new
claim counts only one round later, when every other claim made at the same time can be seen. All
times are the store's own. Two holders at once (a process that stood still beyond its lease) cost
work but nothing else: the receipt on record decides, and only what it says is moved.
"""

from botlogs_collector.store.client import Database

LEASE_S = 60


class StoreLease:
    """A lease in botlogs_held.lease, renewed by every call."""

    def __init__(self, database: Database, holder: str, lease: str = "release", *, lease_s: int = LEASE_S) -> None:
        """Take the holder, unique to this process, the name of what it would hold, and for how long."""
        self._database = database
        self._holder = holder
        self._lease = lease
        self._lease_s = lease_s

    def holds(self) -> bool:
        """See `ports.Lease`."""
        rows = self._database.query("lease_holder", lease=self._lease)
        if not rows:
            self._database.run("lease_claim", holder=self._holder, lease=self._lease, lease_s=self._lease_s)
            return False
        if rows[0]["Holder"] != self._holder:
            return False
        self._database.run("lease_renew", holder=self._holder, lease=self._lease, lease_s=self._lease_s)
        return True

    def give_up(self) -> None:
        """See `ports.Lease`."""
        self._database.run("lease_renew", holder=self._holder, lease=self._lease, lease_s=0)


class SoleProcess:
    """The embedded engine admits one process: the lease is always held."""

    def holds(self) -> bool:
        """See `ports.Lease`."""
        return True

    def give_up(self) -> None:
        """See `ports.Lease`."""
