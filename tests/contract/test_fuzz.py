"""A short run of a schema fuzzer: whatever is asked, within the description or not, there is no 500."""

from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings

from botlogs_collector.query.http import PREFIX, create_app
from botlogs_collector.query.openapi import document
from botlogs_collector.query.service import QueryService
from tests.support.reading import reading_settings

_SLOW = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large)
# Streams are endless and have tests of their own.
_PATHS = sorted(path for path in cast("dict[str, object]", document(PREFIX)["paths"]) if not path.endswith("/stream"))


@pytest.mark.parametrize("path", _PATHS)
def test_no_question_breaks_it(service: QueryService, path: str) -> None:
    """Every answer has a status that the description names, and none is a 500."""
    app = create_app(service, reading_settings())
    schema = schemathesis.openapi.from_asgi(f"{PREFIX}/openapi.json", app)

    @settings(max_examples=10, suppress_health_check=_SLOW)
    @given(case=schema[path]["GET"].as_strategy())
    def ask(case: schemathesis.Case[Any]) -> None:
        assert case.call().status_code in (200, 400, 404, 405, 409, 410, 429, 503, 504)

    ask()
