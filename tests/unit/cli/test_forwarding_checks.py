"""Doctor on forwarding: which endpoint lags, why, and what to do."""

from prometheus_client import CollectorRegistry, generate_latest

from botlogs_collector.cli.forwarding_checks import forwarding_checks
from botlogs_collector.forward.answer import Answer
from botlogs_collector.forward.metrics import ForwardMetrics, ForwardSeries


def test_each_endpoint_is_judged_by_its_worst_signal() -> None:
    """Behind by more than a minute, or not taking what it gets, is bad; the advice is that of the reason."""
    registry = CollectorRegistry()
    series = ForwardSeries(registry)
    for endpoint, signal, behind_s in (("good", "traces", 1), ("bad", "traces", 2), ("bad", "logs", 7200)):
        metrics = ForwardMetrics(series, endpoint, "traces" if signal == "traces" else "logs")
        metrics.lag_is(lambda seconds=behind_s: seconds)
        if signal == "logs":
            metrics.answered(Answer(outcome="denied", message="401"))
            metrics.skipped("refused", 3, "trace 1", "no")

    good, bad = forwarding_checks(generate_latest(registry).decode())

    assert (good.name, good.good, good.found) == ("forwarding to good", True, "1 s behind, takes what it gets")
    assert (bad.good, bad.found) == (False, "7200 s behind, denied, 3 items skipped: the service's log says which")
    assert "headers" in bad.advice


def test_a_service_that_forwards_nothing_is_not_judged() -> None:
    """No endpoint, no check."""
    assert list(forwarding_checks("botlogs_build_info 1\n")) == []
