"""A short run of a schema fuzzer: whatever is asked, within the description or not, there is no 500."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings

from botlogs_collector.clock import ManualClock
from botlogs_collector.query.http import PREFIX, create_app
from botlogs_collector.query.openapi_calls import CALLS, READS, SESSION, Call
from botlogs_collector.query.service import QueryService
from tests.fuzz.effort import EXAMPLES
from tests.support.guards import open_guard
from tests.support.reading import history_routes, reading_settings
from tests.support.store import Store

_SLOW = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large)
# Streams are endless and have tests of their own.
_CALLS = [call for call in (*READS, *CALLS, *SESSION) if not call.path.endswith("/stream")]


@pytest.mark.parametrize("call", _CALLS, ids=lambda call: call.name)
def test_no_question_breaks_it(service: QueryService, store: Store, clock: ManualClock, call: Call) -> None:
    """Every answer has a status that the description names, and none is a 500."""
    app = create_app(service, reading_settings(), open_guard(), extra_routes=history_routes(store, clock))
    schema = schemathesis.openapi.from_asgi(f"{PREFIX}/openapi.json", app)

    @settings(max_examples=max(10, EXAMPLES // 100), suppress_health_check=_SLOW)
    @given(case=schema[call.path][call.method.upper()].as_strategy())
    def ask(case: schemathesis.Case[Any]) -> None:
        answer = case.call()
        assert answer.status_code in (200, 201, 202, 204, 400, 401, 403, 404, 405, 409, 410, 429, 503, 504)
        if answer.status_code < 400:
            case.validate_response(answer)

    ask()
