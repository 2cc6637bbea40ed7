"""How long to look: a few seconds in the suite, as long as BOTLOGS_FUZZ says (examples a test) in `make fuzz`."""

import os

from hypothesis import HealthCheck, settings

EXAMPLES = int(os.environ.get("BOTLOGS_FUZZ", "60"))
searching = settings(
    max_examples=EXAMPLES,
    deadline=60_000 if EXAMPLES > 1000 else None,  # ms: longer is a hang; a loaded machine may stand for half of it
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large),
)
