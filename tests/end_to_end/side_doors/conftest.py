"""One guarded service for all who look for side doors."""

from collections.abc import Iterator

import pytest

from tests.support.guarded import Guarded, guarded


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """The service, with a conversation of every state in it."""
    with guarded(tmp_path_factory.mktemp("guarded")) as running:
        yield running
