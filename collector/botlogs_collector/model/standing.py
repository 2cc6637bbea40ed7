"""How a conversation stands at an instant: its state, its end, when it may be read. No content, no clock.

The SQL view `conversation_state_of` says the same for dashboards and for the release engine; a test holds the
two together. A list of fifty asks this, because the view alone takes 50 ms to plan.
"""

from dataclasses import dataclass

from botlogs_collector.model.conversation import EndRule, State

STRAGGLERS_NS = 30 * 10**9  # spans still arriving after an end mark do not resume the conversation
_READABLE = ("released", "restored")


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """When rows of a conversation arrived, Unix nanoseconds; `end_unix_nano` is its newest end mark's, 0: none."""

    is_live: bool
    first_unix_nano: int
    last_unix_nano: int
    end_unix_nano: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EndRules:
    """When conversations of an environment (and channel) end and are released, nanoseconds."""

    release_delay_ns: int = 0
    idle_ns: int = 0
    max_age_ns: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What the receipt of the newest episode says; times are Unix nanoseconds."""

    status: str
    decided_by: str
    watermark_ns: int
    ended_unix_nano: int
    end_rule: EndRule
    available_unix_nano: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """State and end; `ended_unix_nano` lies ahead while it goes on, and is None while a live one does."""

    state: State
    ended_unix_nano: int | None
    end_rule: EndRule | None
    available_unix_nano: int | None

    @property
    def is_readable(self) -> bool:
        """Whether readers may see its content."""
        return self.state in ("live", *_READABLE)


def standing(arrival: Arrival, rules: EndRules, decided: Decided | None, now_ns: int) -> Standing:
    """Return how a conversation stands at *now_ns*; *decided* is None before its first receipt."""
    watermark_ns = decided.watermark_ns if decided else 0
    signalled = watermark_ns < arrival.end_unix_nano and (
        arrival.last_unix_nano <= arrival.end_unix_nano + STRAGGLERS_NS
    )
    quiet_ns = arrival.end_unix_nano if signalled else arrival.last_unix_nano + rules.idle_ns
    rule: EndRule = "signal" if signalled else "idle"
    if arrival.is_live:
        is_over = quiet_ns <= now_ns
        return Standing(
            state="live",
            ended_unix_nano=quiet_ns if is_over else None,
            end_rule=rule if is_over else None,
            available_unix_nano=None,
        )
    if decided and arrival.last_unix_nano <= watermark_ns:
        return Standing(
            state=_settled_state(decided),
            ended_unix_nano=decided.ended_unix_nano,
            end_rule=decided.end_rule,
            available_unix_nano=decided.available_unix_nano,
        )
    age_end_ns = max(arrival.first_unix_nano, watermark_ns) + rules.max_age_ns
    ended_ns = min(quiet_ns, age_end_ns)
    return Standing(
        state=_open_state(decided, is_over=ended_ns <= now_ns),
        ended_unix_nano=ended_ns,
        end_rule="max_age" if quiet_ns > age_end_ns else rule,
        available_unix_nano=ended_ns + rules.release_delay_ns,
    )


def _settled_state(decided: Decided) -> State:
    match decided.status:
        case "released" | "restored" | "dropped":
            return decided.status
        case _:  # on its way
            return "held"


def _open_state(decided: Decided | None, *, is_over: bool) -> State:
    """Rows have come since the receipt, or there is none: what is readable stays so."""
    if decided and decided.status in ("released", "restored"):
        return decided.status
    return "held" if is_over else "ongoing"
