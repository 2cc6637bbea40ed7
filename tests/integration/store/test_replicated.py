"""The cluster's schema with its Replicated tables, made by the real engine against a real ZooKeeper.

The embedded engine makes such tables (macros, paths, arguments and settings are checked) but starts no replication,
so they stay read-only: what rows do is tested in test_cluster.py, without replication. Needs Debian's packages
`zookeeper` and a Java.
"""

import json
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from botlogs_collector.config.duration import parse_duration
from botlogs_collector.config.settings import Storage
from botlogs_collector.store.migrate import ddl
from botlogs_collector.store.placement import tables_with_data
from tests.support.processes import free_ports, until

_JAR = Path("/usr/share/java/zookeeper.jar")
pytestmark = [
    pytest.mark.toolchain,
    pytest.mark.skipif(not _JAR.exists() or not shutil.which("java"), reason="no ZooKeeper here (apt: zookeeper)"),
]
_CONFIG = """<clickhouse>
  <tcp_port>9000</tcp_port>
  <remote_servers><main><shard><replica><host>127.0.0.1</host><port>9000</port></replica></shard></main></remote_servers>
  <macros><shard>01</shard><replica>first</replica></macros>
  <zookeeper><node><host>127.0.0.1</host><port>{port}</port></node></zookeeper>
  <storage_configuration>
    <disks><slow><type>local</type><path>{folder}/slow/</path></slow></disks>
    <policies><tiered><volumes>
      <default><disk>default</disk></default><cold><disk>slow</disk></cold>
    </volumes></tiered></policies>
  </storage_configuration>
</clickhouse>
"""
# In a process of its own, which ends without tidying: the engine cannot close replicated tables that never started.
_MAKE = """
import json, os, sys
import chdb.state
engine = chdb.state.connect(sys.argv[1])
for statement in json.load(sys.stdin):
    engine.query(statement)
sql = "SELECT database || '.' || name AS name, engine FROM system.tables WHERE database LIKE 'botlogs%'"
found = engine.query(sql, "JSON")
print(json.dumps(json.loads(found.bytes())["data"]), flush=True)
os._exit(0)
"""


def _answers(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def zookeeper(tmp_path: Path) -> Iterator[int]:
    """The port of a ZooKeeper of this test."""
    port = free_ports(1)[0]
    settings = tmp_path / "zoo.cfg"
    settings.write_text(
        f"dataDir={tmp_path}/zookeeper\nclientPort={port}\nclientPortAddress=127.0.0.1\nadmin.enableServer=false\n",
        encoding="utf-8",
    )
    command = ["java", "-Xmx128m", "-cp", f"{_JAR}:{_JAR.parent}/*", "org.apache.zookeeper.server.ZooKeeperServerMain"]
    with subprocess.Popen([*command, str(settings)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        until(lambda: _answers(port))
        yield port
        process.kill()


def test_zookeeper_and_the_engine_take_every_replicated_table(zookeeper: int, tmp_path: Path) -> None:
    """Every statement as it is but for `ON CLUSTER`: paths, macros, arguments, settings, TTLs to a colder volume."""
    config = tmp_path / "config.xml"
    config.write_text(_CONFIG.format(port=zookeeper, folder=tmp_path), encoding="utf-8")
    storage = Storage(cluster="main", cold_after=parse_duration("30d"))
    statements = [re.sub(r" ON CLUSTER '\w+'", "", text) for text in ddl(storage) if text.startswith("CREATE")]

    made = subprocess.run(
        [sys.executable, "-c", _MAKE, f"{tmp_path}/data?config-file={config}"],
        input=json.dumps(statements), capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip

    assert made.returncode == 0, made.stderr
    engines = {row["name"]: row["engine"] for row in json.loads(made.stdout)}
    replicated = {name.removesuffix("_local") for name, engine in engines.items() if engine.startswith("Replicated")}
    assert replicated == tables_with_data().keys()
