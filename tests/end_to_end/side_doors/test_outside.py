"""The release delay has no side door where nobody asks: what is forwarded, and what the service's log says."""

import json

from tests.support.guarded import HELD, OPEN, Guarded
from tests.support.side_doors import OF, ask, assert_silent, open_url


def test_nobody_behind_is_told_what_is_closed(service: Guarded) -> None:
    """What is live or released is forwarded, and not a byte of the rest."""
    ids = {service.talks[state].trace_id for state in ("live", "released")}

    arrived = service.sink.wait(
        lambda sink: ids <= {log.trace_id for log in sink.logs} & {s.trace_id for s in sink.spans}
    )

    assert arrived
    assert OPEN in str(service.sink.logs)
    assert_silent(f"{service.sink.logs} {service.sink.spans} {service.sink.resources}", "forwarded")


def test_what_is_said_in_vain_is_not_logged(service: Guarded) -> None:
    """A sender's or reader's broken request leaves nothing of itself in the service's log."""
    for path in ("/v1/traces", "/v1/logs"):
        for body in (f"{HELD} is no JSON".encode(), json.dumps({"resourceLogs": [{"scopeLogs": HELD}]}).encode()):
            open_url(
                service.otlp_url + path, "POST", body, {"content-type": "application/json", **service.headers("sender")}
            )
    ask(service, "GET", f"{OF}/logs", HELD, f"?at={HELD}", None, "investigator")

    assert_silent("\n".join((*service.program.out, *service.program.err)), "log")
