"""The files of collector/deploy: linted, and true: paths, names, keys and commands in them exist."""

import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from botlogs_collector.cli.main import botlogs
from botlogs_collector.config.load import load_settings
from botlogs_collector.config.settings import Settings, Storage
from botlogs_collector.demo.messages import Orders
from botlogs_collector.store.access import grants
from tests.support.deploy import DEPLOY

_COMPOSE = DEPLOY / "compose" / "compose.yaml"
_KUBERNETES = DEPLOY / "kubernetes" / "botlogs.yaml"
_UNIT = DEPLOY / "systemd" / "botlogs.service"
_YAMLLINT = (
    "{extends: default, rules: {line-length: {max: 140}, document-start: disable, braces: disable, brackets: disable,"
    " comments: disable, truthy: {check-keys: false}}}"
)


def lint(tool: str, *arguments: object) -> str:
    """Run a linter of the development environment, or of the system; fails with what it finds."""
    beside = Path(sys.executable).parent / tool
    found = str(beside) if beside.exists() else shutil.which(tool)
    if found is None:
        pytest.skip(f"{tool} is not installed here")
    command = [found, *map(str, arguments)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def documents(path: Path) -> list[dict[str, Any]]:
    """Return the documents of a YAML file."""
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


def services() -> dict[str, dict[str, Any]]:
    """Return the services of the compose file."""
    return documents(_COMPOSE)[0]["services"]


def test_the_dockerfile_is_clean() -> None:
    """hadolint, with shellcheck inside it, has nothing to say."""
    lint("hadolint", DEPLOY / "Dockerfile")


def test_every_yaml_file_is_clean() -> None:
    """yamllint: no double key, no tab, no strange indentation."""
    lint("yamllint", "--strict", "-d", _YAMLLINT, DEPLOY)


def test_the_compose_file_follows_its_schema() -> None:
    """The Compose specification's own schema."""
    lint("check-jsonschema", "--builtin-schema", "vendor.compose-spec", _COMPOSE)


def test_the_manifests_follow_the_schemas_of_kubernetes() -> None:
    """Every object, and no key that Kubernetes does not know."""
    lint("kubernetes-validate", "--strict", _KUBERNETES)


def test_systemd_takes_the_unit_and_finds_it_hardened(tmp_path: Path) -> None:
    """`systemd-analyze verify` has nothing to say, and the exposure level stays below 2 of 10."""
    unit = tmp_path / "botlogs.service"
    text = _UNIT.read_text(encoding="utf-8")
    unit.write_text(text.replace("/opt/botlogs/bin/botlogs", shutil.which("true") or "/bin/true"), encoding="utf-8")

    assert not lint("systemd-analyze", "verify", "--man=no", unit)
    exposure = re.search(r"exposure level for botlogs.service: ([\d.]+)", lint(
        "systemd-analyze", "security", "--offline=true", unit))  # fmt: skip
    assert exposure
    assert float(exposure[1]) < 2


def _configurations() -> list[tuple[str, str]]:
    maps = [each["data"]["botlogs.yaml"] for each in documents(_KUBERNETES) if each["kind"] == "ConfigMap"]
    files = [DEPLOY / "systemd" / "botlogs.yaml", DEPLOY / "compose" / "botlogs.yaml"]
    return [(str(file.relative_to(DEPLOY)), file.read_text(encoding="utf-8")) for file in files] + [
        ("kubernetes", text) for text in maps
    ]


@pytest.mark.parametrize(("name", "text"), _configurations())
def test_every_configuration_loads_and_opens_the_ports_that_are_named(name: str, text: str, tmp_path: Path) -> None:
    """No key is unknown; ports are the image's; nothing that others can reach is open without tokens."""
    file = tmp_path / "botlogs.yaml"
    file.write_text(text, encoding="utf-8")
    environ = {} if name.startswith("systemd") else {"BOTLOGS_STORAGE__DSN": "clickhouse://botlogs:x@clickhouse:8123/"}

    settings: Settings = load_settings(file, environ)

    exposed = re.search(r"^EXPOSE (.+)$", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert exposed
    ports = {endpoint.endpoint.rpartition(":")[2] for endpoint in settings.endpoints().values()}
    assert ports == set(exposed[1].split())
    assert settings.auth.tokens_file


def _arguments(text: str) -> list[str]:
    return [word.strip() for word in re.findall(r'"([^"]+)"', text)]


def test_the_commands_that_start_it_exist(tmp_path: Path) -> None:
    """The image's, the unit's and the manifest's: `botlogs serve` with an option that it has."""
    image = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    entrypoint, command = (re.search(rf"^{word} (.+)$", image, re.MULTILINE) for word in ("ENTRYPOINT", "CMD"))
    started = re.search(r"^ExecStart=\S+/(botlogs .+)$", _UNIT.read_text(encoding="utf-8"), re.MULTILINE)
    pod = next(each for each in documents(_KUBERNETES) if each["kind"] == "Deployment")["spec"]["template"]["spec"]
    assert entrypoint
    assert command
    assert started

    for words in (
        _arguments(entrypoint[1]) + _arguments(command[1]),
        started[1].split(),
        ["botlogs", *pod["containers"][0]["args"]],
    ):
        assert words[0] == "botlogs"
        told = CliRunner().invoke(botlogs, [*words[1:2], "--help"])
        assert told.exit_code == 0
        assert words[2] in told.output


def test_the_compose_files_tokens_can_be_made(tmp_path: Path) -> None:
    """What the service `tokens` runs, run: a token for otelcol in a file, one for the console told."""
    script = str(services()["tokens"]["command"][0]).replace("/var/lib/botlogs", str(tmp_path))
    environ = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "BOTLOGS_AUTH__TOKENS_FILE": str(tmp_path / "tokens.yaml"),
    }

    first, again = (
        subprocess.run(["sh", "-euc", script], capture_output=True, text=True, timeout=60, env=environ, check=False)
        for _ in range(2)
    )

    assert first.returncode == 0, first.stderr
    assert first.stdout.strip()
    assert (tmp_path / "otelcol.token").read_text().strip()
    assert (again.returncode, again.stdout) == (0, "")


def test_the_compose_file_names_what_exists() -> None:
    """Files that are mounted, services that are waited for, variables that are asked for, the bot's orders."""
    text = _COMPOSE.read_text(encoding="utf-8")
    example = (DEPLOY / "compose" / ".env.example").read_text(encoding="utf-8")

    for service in services().values():
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert not source.startswith(".") or (_COMPOSE.parent / source).exists(), source
        assert set(service.get("depends_on", {})) <= services().keys()
    assert set(re.findall(r"\$\{(\w+)", text)) == set(re.findall(r"^(\w+)=", example, re.MULTILINE))
    orders = re.search(r"'(\{.*\})'", str(services()["demo-bot"]["command"][0]))
    assert orders
    assert Orders.from_json(orders[1]).otlp_url == "http://otelcol:4318"


def test_the_grants_are_those_of_this_version() -> None:
    """`botlogs ddl --grants > collector/deploy/clickhouse/initdb.d/020_grants.sql` makes the file anew."""
    file = DEPLOY / "clickhouse" / "initdb.d" / "020_grants.sql"

    assert file.read_text(encoding="utf-8") == "".join(f"{statement};\n\n" for statement in grants(None))


def test_the_script_that_makes_users_is_shell_and_grants_roles_that_exist() -> None:
    """`bash -n`, and each role is made by the grants."""
    script = DEPLOY / "clickhouse" / "initdb.d" / "030_users.sh"
    lint("bash", "-n", script)

    roles = set(re.findall(r"\bbotlogs_\w+", script.read_text(encoding="utf-8")))
    assert roles
    assert roles <= {role for text in grants(None) for role in re.findall(r"CREATE ROLE IF NOT EXISTS (\w+)", text)}


_OPEN = """
import json, sys
import chdb.state
engine = chdb.state.connect(sys.argv[1])
ask = lambda sql: json.loads(engine.query(sql, "JSON").bytes())["data"]
print(json.dumps({"cluster": ask("SELECT shard_num, host_name FROM system.clusters WHERE cluster = 'main'"),
                  "policy": ask("SELECT volume_name FROM system.storage_policies WHERE policy_name = 'tiered'")}))
"""


def test_the_engine_takes_the_examples_of_clickhouses_configuration(tmp_path: Path) -> None:
    """Cluster and tiered storage, read by ClickHouse itself; the names are those of our settings."""
    merged = ET.Element("clickhouse")
    for name in ("cluster.xml", "tiered_storage.xml"):
        merged.extend(ET.parse(DEPLOY / "clickhouse" / "config.d" / name).getroot())
    text = ET.tostring(merged, encoding="unicode").replace("/mnt/slow", str(tmp_path / "slow"))
    file = tmp_path / "config.xml"
    file.write_text(text, encoding="utf-8")
    command = [sys.executable, "-c", _OPEN, f"{tmp_path / 'data'}?config-file={file}"]
    environ = {**os.environ, "CLICKHOUSE_CLUSTER_SECRET": "secret"}

    told = json.loads(
        subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, env=environ).stdout
    )

    assert len(told["cluster"]) == 4
    assert {str(row["shard_num"]) for row in told["cluster"]} == {"1", "2"}
    assert [row["volume_name"] for row in told["policy"]] == ["default", Storage().cold_volume]
    assert Storage().storage_policy == "tiered"


def test_no_log_of_clickhouse_itself_grows_for_ever() -> None:
    """Each is off or has a TTL; every file of the examples is XML."""
    for file in (DEPLOY / "clickhouse").rglob("*.xml"):
        assert ET.parse(file).getroot().tag == "clickhouse"
    logs = ET.parse(DEPLOY / "clickhouse" / "config.d" / "system_logs.xml").getroot()
    assert {"query_log", "part_log", "metric_log", "trace_log"} <= {log.tag for log in logs}
    for log in logs:
        assert log.get("remove") == "1" or re.fullmatch(
            r"event_date \+ INTERVAL \d+ DAY DELETE", log.findtext("ttl", "")
        )
