"""The totals made exact, hour by hour (release_ports.TotalsStore)."""

from botlogs_collector.clock import Clock
from botlogs_collector.store.client import Database


class Totals:
    """botlogs.totals of one store; used by one thread."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def settled_upto_s(self) -> int:
        """See `release_ports.TotalsStore`."""
        return int(self._database.query("totals_settled")[0]["Upto"])

    def settle(self, from_s: int, upto_s: int) -> None:
        """See `release_ports.TotalsStore`."""
        self._database.run("totals_settle", from_s=from_s, upto_s=upto_s)
        row = [upto_s, self._clock.now_ns()]
        self._database.insert("botlogs_held.settled_totals", [row], ("Upto", "At"))
