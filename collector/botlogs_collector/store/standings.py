"""How conversations stand (model/standing.py), from their receipts and the rules in the store."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from botlogs_collector.model.standing import Arrival, Decided, EndRules, Standing, standing
from botlogs_collector.store.asking import ask, ask_plain
from botlogs_collector.store.client import Database, Row

_RULES_KEPT_NS = 5 * 10**9  # a changed configuration shows after at most this
_READABLE = frozenset({"released", "restored"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Stands(Standing):
    """A standing, and who decided it; empty before a decision."""

    decided_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    read_ns: int
    environments: dict[str, EndRules]
    channels: dict[str, EndRules]

    def of(self, environment: str, channel: str) -> EndRules:
        """Return the rules of an environment, as far as its channel has none of its own."""
        general = self.environments.get(environment, EndRules())
        own = self.channels.get(channel, EndRules())
        return EndRules(
            release_delay_ns=general.release_delay_ns,
            idle_ns=own.idle_ns or general.idle_ns,
            max_age_ns=own.max_age_ns or general.max_age_ns,
        )


class Standings:
    """Tells how conversations stand; for any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: _Rules | None = None

    def of(self, conversations: Sequence[Row], now_ns: int) -> list[Stands]:
        """Return how each row of conversations_of stands at *now_ns*, in the order given."""
        rules = self._rules(now_ns)
        decided = self._decided(str(row["ConversationKey"]) for row in conversations if not row["Live"])
        return [_stands(row, rules, decided.get(row["ConversationKey"]), now_ns) for row in conversations]

    def is_readable(self, key: str) -> bool:
        """Whether the content of a conversation that is not live may be read: its newest episode was released."""
        episodes = ask_plain(self._database, "receipt_status", keys=[key])
        newest = max(episodes, key=lambda row: (row["Episode"], row["Version"]), default=None)
        return newest is not None and newest["Status"] in _READABLE

    def _decided(self, keys: Iterable[str]) -> dict[str, Decided]:
        wanted = sorted(set(keys))
        if not wanted:
            return {}
        return {
            row["ConversationKey"]: Decided(
                status=row["Status"],
                decided_by=row["DecidedBy"],
                watermark_ns=row["WatermarkNano"],
                ended_unix_nano=row["EndedNano"],
                end_rule=row["EndRule"],
                available_unix_nano=row["AvailableNano"],
            )
            for row in ask(self._database, "receipt_standings", keys=wanted)
        }

    def _rules(self, now_ns: int) -> _Rules:
        kept = self._kept
        if kept is None or abs(now_ns - kept.read_ns) > _RULES_KEPT_NS:
            self._kept = kept = _Rules(
                read_ns=now_ns,
                environments={
                    row["Name"]: EndRules(
                        release_delay_ns=row["ReleaseDelay"], idle_ns=row["IdleTimeout"], max_age_ns=row["MaxAge"]
                    )
                    for row in ask(self._database, "rules_of_environments")
                },
                channels={
                    row["Channel"]: EndRules(idle_ns=row["IdleTimeout"], max_age_ns=row["MaxAge"])
                    for row in ask(self._database, "rules_of_channels")
                },
            )
        return kept


def _stands(row: Row, rules: _Rules, decided: Decided | None, now_ns: int) -> Stands:
    arrival = Arrival(
        is_live=bool(row["Live"]),
        first_unix_nano=row["FirstReceived"],
        last_unix_nano=row["LastReceived"],
        end_unix_nano=row["EndReceived"],
    )
    found = standing(arrival, rules.of(row["Environment"], row["Channel"]), decided, now_ns)
    return Stands(
        state=found.state,
        ended_unix_nano=found.ended_unix_nano,
        end_rule=found.end_rule,
        available_unix_nano=found.available_unix_nano,
        decided_by=decided.decided_by if decided else "",
    )
