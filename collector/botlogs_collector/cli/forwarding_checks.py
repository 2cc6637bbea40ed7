"""Which endpoint lags, and why: from the metrics of the service that was asked."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from botlogs_collector.cli.check import Check

_LAGS_S: Final = 60.0
_SAMPLE = re.compile(r"^botlogs_(forward_\w+)\{([^}]*)\} (\S+)$", re.MULTILINE)
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
_ADVICE: Final = {
    "accepted": "it takes what it gets, but slower than it comes: more concurrency, larger requests, or compression",
    "unreachable": "is it running, and is exporters.otlp's endpoint right? Nothing is lost: it gets what it missed",
    "throttled": "it asks to slow down: raise its limits; it gets what it missed",
    "slow": "it does not answer in time: raise its timeout, or look what keeps it; requests are made smaller meanwhile",
    "failing": "it fails at what it gets, empty requests included: its own log says why",
    "denied": "compare exporters.otlp's headers, tls, protocol and path with what it expects; nothing is lost",
}


def forwarding_checks(metrics: str) -> Iterator[Check]:
    """Yield one check an endpoint of the exposition *metrics*; none where nothing is forwarded."""
    lag_s: dict[str, float] = defaultdict(float)
    states: dict[str, str] = {}
    skipped: dict[str, float] = defaultdict(float)
    for name, text, value in _SAMPLE.findall(metrics):
        labels = dict(_LABEL.findall(text))
        endpoint, number = labels.get("endpoint", ""), float(value)
        if name == "forward_lag_seconds":
            lag_s[endpoint] = max(lag_s[endpoint], number)
        elif name == "forward_state" and number and states.get(endpoint, "accepted") == "accepted":
            states[endpoint] = labels["state"]
        elif name == "forward_skipped_items_total":
            skipped[endpoint] += number
    for endpoint, behind_s in lag_s.items():
        state = states.get(endpoint, "accepted")
        good = state == "accepted" and behind_s < _LAGS_S
        lost = f", {skipped[endpoint]:.0f} items skipped: the service's log says which" if skipped[endpoint] else ""
        yield Check(
            name=f"forwarding to {endpoint}",
            good=good,
            found=f"{behind_s:.0f} s behind, {'takes what it gets' if state == 'accepted' else state}{lost}",
            advice="" if good else _ADVICE.get(state, "the service's log says more"),
        )
