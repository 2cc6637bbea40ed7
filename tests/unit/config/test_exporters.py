"""The section `exporters`: what it means, and every fault at once with the way out."""

from pathlib import Path

import pytest

from botlogs_collector.config.exporters import OtlpExporter
from botlogs_collector.config.load import load_settings
from botlogs_collector.errors import ConfigError

_EXAMPLE = Path(__file__).parents[3] / "collector" / "config" / "forwarding.yaml"


def _load(tmp_path: Path, text: str) -> tuple[OtlpExporter, ...]:
    path = tmp_path / "botlogs.yaml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path, {}).exporters.otlp


def test_the_documented_endpoint_needs_nothing_else(tmp_path: Path) -> None:
    """Name, endpoint and protocol, as in the interface's example: plain gRPC, all signals, from now on."""
    (tempo,) = _load(tmp_path, 'exporters: {otlp: [{name: tempo, endpoint: "127.0.0.1:14317", protocol: grpc}]}')

    assert (tempo.name, tempo.address, tempo.is_secure, tempo.signals) == (
        "tempo", "127.0.0.1:14317", False, ("traces", "logs"),
    )  # fmt: skip


def test_an_endpoint_may_be_given_as_a_variable() -> None:
    """The list as YAML in one variable."""
    settings = load_settings(
        None, {"BOTLOGS_EXPORTERS__OTLP": '[{name: a, endpoint: "https://otlp.example/base/", protocol: http}]'}
    )

    assert settings.exporters.otlp[0].address == "otlp.example/base"
    assert settings.exporters.otlp[0].is_secure


def test_headers_are_not_printed(tmp_path: Path) -> None:
    """They may be credentials."""
    (endpoint,) = _load(tmp_path, "exporters: {otlp: [{name: a, endpoint: 'a:1', headers: {authorization: secret}}]}")

    assert "secret" not in repr(endpoint)


def test_every_fault_is_named_with_the_nearest_key(tmp_path: Path) -> None:
    """Unknown keys and values, double names and addresses that are none."""
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, "exporters: {otlp: [{name: a, endpoint: 'a:1', protocoll: grpc}]}")
    with pytest.raises(ConfigError) as more:
        _load(
            tmp_path,
            """
            exporters:
              otlp:
                - {name: a, endpoint: "tempo", protocol: gprc}
                - {name: a, endpoint: "b:1", compression: zstd, timeout: 0s}
                - {name: c, endpoint: "http://c:1/x", signals: [trace], tls: {cert_file: x}}
                - {name: d, endpoint: "d:1", filters: {environments: [prodution]}, start_at: begining}
            """,
        )

    assert caught.value.faults == ["exporters.otlp[0].protocoll: unknown key; did you mean 'protocol'?"]
    right = "host:port, such as tempo:4317, or a URL that begins with http:// or https://"
    assert more.value.faults == [
        f"exporters.otlp[0].endpoint: 'tempo' is not {right}",
        "exporters.otlp[0].protocol: 'gprc' is unknown; did you mean 'grpc'?",
        "exporters.otlp[1].name: 'a' must be a text that no other endpoint has",
        "exporters.otlp[1].compression: 'zstd' is unknown; known: gzip, none",
        "exporters.otlp[1].timeout: must be longer than 0s",
        "exporters.otlp[2].endpoint: 'http://c:1/x' needs a port and no path with protocol grpc",
        "exporters.otlp[2].tls: contradicts http:// in the endpoint; write https://",
        "exporters.otlp[2].signals: 'trace' is unknown; did you mean 'traces'?",
        "exporters.otlp[2].tls: cert_file and key_file go together",
        "exporters.otlp[3].start_at: 'begining' is unknown; did you mean 'beginning'?",
        "exporters.otlp[3].filters.environments: 'prodution' is unknown; did you mean 'production'?",
    ]


def test_the_example_is_a_good_configuration() -> None:
    """collector/config/forwarding.yaml loads, and shows more than one endpoint."""
    assert len(load_settings(_EXAMPLE, {}).exporters.otlp) > 1
