"""A short run of a schema fuzzer: whatever is asked, within the description or not, the answer is as described."""

from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from botlogs_collector.clock import ManualClock
from botlogs_collector.query.http import PREFIX, create_app
from botlogs_collector.query.openapi_calls import CALLS, READS, SESSION, Call
from botlogs_collector.query.service import QueryService
from tests.fuzz.effort import EXAMPLES
from tests.support.guards import open_guard
from tests.support.reading import history_routes, reading_settings
from tests.support.store import Store

_SLOW = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large)
_EXAMPLES = max(10, EXAMPLES // 100)
_CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
# Streams are endless and have tests of their own.
_CALLS = [call for call in (*READS, *CALLS, *SESSION) if not call.path.endswith("/stream")]


@pytest.mark.parametrize("call", _CALLS, ids=lambda call: call.name)
def test_no_question_breaks_it(
    service: QueryService, store: Store, clock: ManualClock, call: Call, record_property: Callable[[str, object], None]
) -> None:
    """Every answer has a status, a media type and a body that the description names, refusals too; none is a 500."""
    app = create_app(service, reading_settings(), open_guard(), extra_routes=history_routes(store, clock))
    schema = schemathesis.openapi.from_asgi(f"{PREFIX}/openapi.json", app)

    record_property("effort", f"{_EXAMPLES} examples")

    @settings(max_examples=_EXAMPLES, suppress_health_check=_SLOW)
    @given(case=schema[call.path][call.method.upper()].as_strategy())
    def ask(case: schemathesis.Case[Any]) -> None:
        case.validate_response(case.call(), checks=_CHECKS)

    ask()
