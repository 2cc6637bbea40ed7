"""What the dashboards have to show."""

import pytest

from tests.support.grafana_data import Seeded, seeded_store
from tests.support.store import Store


@pytest.fixture(scope="session")
def seeded(store: Store) -> Seeded:
    """Three conversations of a bot that no other test has."""
    return seeded_store(store)
