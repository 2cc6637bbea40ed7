"""Configuration from a file and the environment: every fault at once, each with its path and the way out."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botlogs_collector.config.duration import parse_duration
from botlogs_collector.config.load import load_settings
from botlogs_collector.config.settings import Settings
from botlogs_collector.errors import ConfigError

MINUTE = 60_000_000_000


def _load(tmp_path: Path, text: str, **environ: str) -> Settings:
    path = tmp_path / "botlogs.yaml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path, environ)


def _faults(tmp_path: Path, text: str, **environ: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, text, **environ)
    return caught.value.faults


def test_no_file_means_the_documented_defaults() -> None:
    """Without a file every setting is what the documentation says."""
    settings = load_settings(None, {})

    assert settings.receivers.otlp.grpc.endpoint == "127.0.0.1:4317"
    assert settings.environments["production"].release_delay == 15 * MINUTE
    assert settings.environments["sandbox"].is_live
    assert settings.default_environment == "production"


def test_an_empty_file_is_the_defaults(tmp_path: Path) -> None:
    """A file of comments changes nothing."""
    assert _load(tmp_path, "# nothing yet\n") == load_settings(None, {})


def test_the_documented_example_loads(tmp_path: Path) -> None:
    """The example of the documentation is a good configuration and means what it says."""
    settings = _load(
        tmp_path,
        """
        receivers: {otlp: {grpc: {endpoint: "127.0.0.1:14317"}}}
        storage: {dsn: "chdb://./data", retention: 180d, hold_retention: 72h}
        environments:
          sandbox: {release_delay: 0s, aliases: [development, dev, test]}
          production: {release_delay: 15m, aliases: [live, prod]}
        conversation: {idle_timeout: 30m, channels: {voice: {idle_timeout: 2m}}}
        """,
    )

    assert settings.receivers.otlp.grpc.endpoint == "127.0.0.1:14317"
    assert settings.environments["production"].aliases == ("live", "prod")
    assert settings.conversation.channels["voice"].idle_timeout == 2 * MINUTE


def test_all_faults_are_reported_at_once_each_with_its_path(tmp_path: Path) -> None:
    """Nobody has to fix one fault to see the next."""
    faults = _faults(
        tmp_path,
        """
        storge: {dsn: x}
        receivers: {otlp: {max_pending_requests: many, grpc: {endpont: "127.0.0.1:1"}}}
        environments: {production: {release_delay: 15 minutes, aliases: live}}
        """,
    )

    assert faults == [
        "storge: unknown key; did you mean 'storage'?",
        "receivers.otlp.max_pending_requests: must be a whole number, not str 'many'",
        "receivers.otlp.grpc.endpont: unknown key; did you mean 'endpoint'?",
        "receivers.otlp.grpc.endpoint: is missing",
        (
            "environments.production.release_delay: '15 minutes' is not a duration; "
            "write a number with a unit, such as 250ms, 30s, 15m, 24h or 7d"
        ),
        "environments.production.aliases: must be a list, not str 'live'",
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("receivers: {otlp: '127.0.0.1:1'}", "receivers.otlp: must be a mapping, not str '127.0.0.1:1'"),
        ("receivers: [otlp]", "receivers: must be a mapping, not list \"['otlp']\""),
        ("storage: {connect_timeout: 0s}", "storage.connect_timeout: must be 1s or more"),
        ("storage: {read_timeout: 9s}", "storage.read_timeout: must be 15s or more"),
        ("storage: {max_memory_bytes: true}", "storage.max_memory_bytes: must be a whole number, not bool 'True'"),
        ("environments: {a: {aliases: [1]}}", "environments.a.aliases[0]: must be text, not int '1'"),
    ],
)
def test_a_value_of_the_wrong_shape_is_named(tmp_path: Path, text: str, fault: str) -> None:
    """What stands where something else belongs is reported, never a traceback."""
    assert fault in _faults(tmp_path, text)


def test_two_environments_cannot_share_a_name(tmp_path: Path) -> None:
    """A name leads to one environment, whatever its case."""
    faults = _faults(tmp_path, "environments: {production: {}, sandbox: {release_delay: 0s, aliases: [Production]}}")

    assert faults == ["environments.sandbox.aliases: 'Production' already belongs to 'production'"]


def test_what_only_servers_can_do_is_refused_of_the_embedded_engine(tmp_path: Path) -> None:
    """A cluster and a cold volume are of ClickHouse servers."""
    faults = _faults(tmp_path, "storage: {cluster: main, cold_after: 30d}")

    assert [fault.partition(":")[0] for fault in faults] == ["storage.cluster", "storage.cold_after"]
    assert "needs a ClickHouse server: storage.dsn is 'chdb://./botlogs-data'" in faults[0]


@pytest.mark.parametrize(
    ("storage", "fault"),
    [
        ('cluster: "a\' b"', "storage.cluster: must be a name of letters"),
        ("cold_after: 180d", "storage.cold_after: must be more than nothing and less than storage.retention"),
        ("{cold_after: 30d, cold_volume: 'x y'}", "storage.cold_volume: must be a name of letters"),
    ],
)
def test_names_that_go_into_sql_are_names(tmp_path: Path, storage: str, fault: str) -> None:
    """No quote of the configuration reaches a statement, and rows get cold before they go."""
    inner = storage.strip("{}")

    faults = _faults(tmp_path, f"storage: {{dsn: 'clickhouse://h:8123/', {inner}}}")

    assert any(line.startswith(fault) for line in faults), faults


def test_the_default_environment_must_exist(tmp_path: Path) -> None:
    """A missing environment counts as one that has rules."""
    assert _faults(tmp_path, "default_environment: prodution") == [
        "default_environment.prodution: unknown key; did you mean 'production'?"
    ]


@pytest.mark.parametrize(
    ("content", "part"),
    [(b"a: [1", "is not YAML"), (b"- 1", "must be a mapping of sections"), (b"\xff\xfe\x00", "cannot be read")],
)
def test_a_file_that_is_no_configuration_is_named(tmp_path: Path, content: bytes, part: str) -> None:
    """The line names the file and what is wrong with it."""
    path = tmp_path / "botlogs.yaml"
    path.write_bytes(content)

    with pytest.raises(ConfigError) as caught:
        load_settings(path, {})

    assert caught.value.faults[0].startswith(f"{path}: ")
    assert part in caught.value.faults[0]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A path without a file is a fault, not a default."""
    with pytest.raises(ConfigError, match=r"nowhere\.yaml: cannot be read"):
        load_settings(tmp_path / "nowhere.yaml", {})


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    """A variable BOTLOGS_SECTION__KEY replaces the key of the file and leaves its neighbours."""
    settings = _load(
        tmp_path,
        "storage: {dsn: 'chdb://./a', retention: 7d}",
        BOTLOGS_STORAGE__DSN="chdb://./b",
        BOTLOGS_ENVIRONMENTS__PRODUCTION__RELEASE_DELAY="2s",
        BOTLOGS_RELEASE__BATCH_CONVERSATIONS="5",
    )

    assert settings.storage.dsn == "chdb://./b"
    assert settings.storage.retention == 7 * 24 * 60 * MINUTE
    assert settings.release.batch_conversations == 5
    assert settings.environments["production"].release_delay == 2_000_000_000


def test_a_variable_of_one_environment_keeps_the_others() -> None:
    """Where no file names environments, a variable changes one key of the default ones."""
    settings = load_settings(None, {"BOTLOGS_ENVIRONMENTS__PRODUCTION__RELEASE_DELAY": "2s"})

    assert settings.environments["production"].release_delay == 2_000_000_000
    assert settings.environments["production"].aliases == ("live", "prod")
    assert settings.environments["sandbox"] == Settings().environments["sandbox"]


def test_variables_of_others_are_left_alone() -> None:
    """The plugin's variables share the prefix and are no faults."""
    assert load_settings(None, {"BOTLOGS_URL": "x", "BOTLOGS_API_KEY": "y", "STORAGE__DSN": "z"}) == Settings()


def test_an_unknown_variable_of_a_section_is_a_fault(tmp_path: Path) -> None:
    """A misspelt variable does not pass in silence."""
    faults = _faults(tmp_path, "", BOTLOGS_STORAGE__RETENTIN="7d")

    assert faults == ["storage.retentin: unknown key; did you mean 'retention'?"]


@pytest.mark.parametrize("text", ["@home", "[1", "a: b: c", "100%", "'"])
def test_any_text_is_a_value_of_a_variable(tmp_path: Path, text: str) -> None:
    """A variable that is not YAML is text."""
    assert _load(tmp_path, "", BOTLOGS_STORAGE__DSN=text).storage.dsn == text


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [("250ms", 250_000_000), ("1h30m", 90 * MINUTE), ("1.5s", 1_500_000_000), ("0", 0), ("7d", 7 * 24 * 60 * MINUTE)],
)
def test_durations_are_read_as_people_write_them(text: str, nanoseconds: int) -> None:
    """A number with a unit, or several of them."""
    assert parse_duration(text) == nanoseconds


@pytest.mark.parametrize("text", ["", "15", "-5s", "5 s", "s", "1w", "1e3s", "5sx"])
def test_what_is_no_duration_is_refused_with_an_example(text: str) -> None:
    """The message says how to write one."""
    with pytest.raises(ValueError, match="such as 250ms"):
        parse_duration(text)


@given(st.integers(0, 99), st.integers(0, 99), st.integers(0, 999))
def test_parts_of_a_duration_add_up(hours: int, minutes: int, milliseconds: int) -> None:
    """Several units may stand together, whatever their numbers."""
    expected_ms = hours * 3_600_000 + minutes * 60_000 + milliseconds
    assert parse_duration(f"{hours}h{minutes}m{milliseconds}ms") == expected_ms * 1_000_000


def test_an_endpoint_is_a_text_or_a_mapping_with_certificates(tmp_path: Path) -> None:
    """Where a server listens may be written alone, or with the files of its certificates."""
    settings = _load(
        tmp_path,
        "api: {http: '127.0.0.1:1', grpc: {endpoint: '127.0.0.1:2', cert: c.pem, key: k.pem, client_ca: a.pem}}",
    )

    assert settings.api.http.endpoint == "127.0.0.1:1"
    assert settings.api.http.cert is None
    assert (settings.api.grpc.endpoint, settings.api.grpc.cert, settings.api.grpc.key) == (
        "127.0.0.1:2", "c.pem", "k.pem",
    )  # fmt: skip
    assert settings.api.grpc.client_ca == "a.pem"


@pytest.mark.parametrize(
    ("grpc", "fault"),
    [
        ("cert: c.pem", "api.grpc.key: is missing: api.grpc.cert is given, TLS needs both"),
        ("key: k.pem", "api.grpc.cert: is missing: api.grpc.key is given, TLS needs both"),
        ("client_ca: a.pem", "api.grpc.client_ca: needs api.grpc.cert and api.grpc.key"),
    ],
)
def test_half_a_certificate_is_a_fault(tmp_path: Path, grpc: str, fault: str) -> None:
    """A certificate without its key, or the other way round, is told with what is missing."""
    faults = _faults(tmp_path, f"api: {{grpc: {{endpoint: '127.0.0.1:2', {grpc}}}}}")

    assert len(faults) == 1
    assert faults[0].startswith(fault)
