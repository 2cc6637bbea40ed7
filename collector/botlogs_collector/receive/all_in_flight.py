"""The commits under way of all signals, as one: rows appear in the order of neither alone."""

from collections.abc import Sequence

from botlogs_collector.ports import InFlight


class AllInFlight:
    """Keeps `ports.InFlight` for several."""

    def __init__(self, commits: Sequence[InFlight]) -> None:
        self._commits = commits

    def oldest_in_flight_unix_nano(self) -> int | None:
        """See `ports.InFlight`."""
        stamps = [stamp for commit in self._commits if (stamp := commit.oldest_in_flight_unix_nano()) is not None]
        return min(stamps, default=None)
