"""What the release engine says about itself in metrics, and that each of them is documented."""

import re
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from botlogs_collector.telemetry import Telemetry
from tests.support.hold import HOUR, World, new_id
from tests.support.policies import policy_set

DELAY_S = 15 * 60
README = Path(__file__).parents[3] / "collector" / "README.md"


def _samples(telemetry: Telemetry) -> dict[tuple[str, str], float]:
    """Return what /metrics says: name and labels, and the value."""
    families = text_string_to_metric_families(telemetry.exposition().decode())
    return {
        (sample.name.removeprefix("botlogs_"), ",".join(sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
    }


def test_every_step_of_a_conversation_is_counted(world: World) -> None:
    """Held conversations and bytes, lag, decisions by policy, late rows, releases and restores: each is a metric."""
    engine = world.engine()
    engine.run_round()
    world.policies = policy_set("policies: [{name: errors, type: status_code, status_code: {status_codes: [ERROR]}}]")
    before, held = _samples(world.telemetry), world.hold.totals(world.clock.now_ns())
    kept, dropped = new_id("kept"), new_id("dropped")
    world.spans(kept, 2, error=True)
    world.spans(dropped, 3)
    sent_ns = world.clock.now_ns()
    world.clock.advance(60)
    engine.run_round()
    ongoing = _samples(world.telemetry)

    for conversation in (kept, dropped):
        world.end(conversation)
    world.clock.advance(DELAY_S + 7)
    engine.run_round()
    world.spans(kept, 4, start_ns=sent_ns)
    world.clock.advance(2 * HOUR / 1e9)
    engine.run_round()
    world.history.restore(dropped, by="ana", reason="ticket")
    engine.run_round()
    after = _samples(world.telemetry)

    def grown(name: str, labels: str = "") -> float:
        return after[name, labels] - before.get((name, labels), 0)

    assert ongoing["held_conversations", ""] == held[0] + 2
    assert ongoing["held_bytes", ""] > held[1]
    assert after["release_lag_seconds", ""] == 0
    assert (grown("decisions_total", "errors,keep"), grown("decisions_total", "none,drop")) == (1, 1)
    assert grown("late_rows_total") == 4
    assert grown("restored_conversations_total") == 1
    assert grown("released_conversations_total") == 3  # kept, its late rows, the one restored


def test_the_lag_is_the_age_of_the_longest_due(world: World) -> None:
    """While something is due and cannot be released, the lag says for how long."""
    conversation = new_id()
    world.spans(conversation)
    world.end(conversation)
    world.clock.advance(DELAY_S + 90)
    lags: list[float] = []

    class _Seen:
        def __getattr__(self, name: str) -> object:
            return getattr(world.hold, name)

        def rates(self) -> object:
            lags.append(_samples(world.telemetry)["release_lag_seconds", ""])
            return world.hold.rates()

    world.engine(_Seen()).run_round()  # pyright: ignore[reportArgumentType]

    assert lags == [90.0]


def test_every_metric_of_the_service_is_documented() -> None:
    """The README's table names every metric that a new service has."""
    documented = set(re.findall(r"`([a-z_]+)(?:\{[a-z_,]+\})?`", README.read_text(encoding="utf-8")))

    families = list(Telemetry().registry.collect())
    names = {
        family.name.removeprefix("botlogs_") + ("_total" if family.type == "counter" else "") for family in families
    }

    assert names - documented == set()
    assert all(family.documentation for family in families)
