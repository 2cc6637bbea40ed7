"""Programs of other languages, built once: the OpenTelemetry Collector, a Kafka broker, bots with other SDKs.

Without a toolchain its tests are skipped with the reason; `BOTLOGS_TESTS_REQUIRE_TOOLCHAINS=1` makes that a failure.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from botlogs_collector.clock import SystemClock
from botlogs_collector.store.client import Database
from botlogs_collector.store.migrate import migrate
from tests.support.clickhouse_http import clickhouse_server
from tests.support.service import Service
from tests.support.store import LASTING

HERE = Path(__file__).parent
# Builds are kept here; each tool finds out by itself what has changed.
BUILT = HERE.parent.parent / ".venv" / "stacks"
_BUILD_S = 900


def needs(*tools: str) -> None:
    """Skip the test, with the reason, where a tool is missing."""
    for tool in tools:
        if shutil.which(tool) is None:
            if os.environ.get("BOTLOGS_TESTS_REQUIRE_TOOLCHAINS"):
                pytest.fail(f"{tool} is not installed")
            pytest.skip(f"{tool} is not installed")


def build(*command: str, cwd: Path) -> None:
    """Run a build step and fail with what it said."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=_BUILD_S, check=False)
    assert done.returncode == 0, f"{' '.join(command)}:\n{done.stdout[-4000:]}{done.stderr[-4000:]}"


@pytest.fixture(scope="session")
def go_programs() -> Path:
    """The folder of `otelcol`, `broker` and `sender`, built from tests/stacks/go."""
    needs("go")
    BUILT.mkdir(parents=True, exist_ok=True)
    build("go", "build", "-trimpath", "-o", f"{BUILT}/", "./otelcol", "./broker", "./sender", cwd=HERE / "go")
    return BUILT


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One running service for all tests."""
    with Service(tmp_path_factory.mktemp("service") / "data") as running:
        yield running


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, Database]]:
    """ClickHouse's HTTP protocol before the embedded engine, with the schema made."""
    with clickhouse_server(tmp_path / "store") as dsn:
        database = Database(dsn)
        migrate(database, LASTING, SystemClock())
        yield dsn, database
        database.close()
