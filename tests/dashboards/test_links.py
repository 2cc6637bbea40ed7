"""What a bot or a user said cannot lead anywhere: links of the dashboards encode every value."""

import json
import re
from typing import Any

import pytest

from botlogs_dashboards.grafana.generate import files

_VARIABLE = re.compile(r"\$\{([^}]*)\}|\$(\w+)|\[\[(\w+)")


def _links(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["url"]] if isinstance(value.get("url"), str) and value["url"] else []
        return own + [link for item in value.values() for link in _links(item)]
    return [link for item in value for link in _links(item)] if isinstance(value, list) else []


@pytest.mark.parametrize("name", sorted(files()))
def test_links_begin_at_the_console_and_encode_what_they_carry(name: str) -> None:
    """A link starts with the console's configured address; every other value in it is percent-encoded."""
    for link in _links(json.loads(files()[name])):
        assert link.startswith(("${console}/", "/d/")), link
        values = [next(filter(None, found)) for found in _VARIABLE.findall(link)]
        encoded = (":percentencode", ":queryparam")
        assert [
            each for each in values if each not in ("console", "__url_time_range") and not each.endswith(encoded)
        ] == []
