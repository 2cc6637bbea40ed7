"""Where released and live data goes on to: the section `exporters` and what may be wrong with it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from botlogs_collector.config.duration import DurationNs, parse_duration
from botlogs_collector.config.faults import Faults

_PROTOCOLS = ("grpc", "http")
_COMPRESSIONS = {"grpc": ("none", "gzip"), "http": ("none", "gzip", "zstd")}
_SIGNALS = ("traces", "logs")
_STARTS = ("end", "beginning")
_MAX_CONCURRENCY = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class ExporterTls:
    """TLS towards an endpoint: present means on; without a CA file the system's authorities count."""

    ca_file: str | None = None
    cert_file: str | None = None  # with key_file: the client's own certificate
    key_file: str | None = None
    server_name: str | None = None  # in the certificate, where it is not the endpoint's host


@dataclass(frozen=True, slots=True, kw_only=True)
class ExporterFilters:
    """What an endpoint gets; an empty list means everything."""

    environments: tuple[str, ...] = ()
    bots: tuple[str, ...] = ()
    events: tuple[str, ...] = ()  # event names, of log records


@dataclass(frozen=True, slots=True, kw_only=True)
class OtlpExporter:
    """One OTLP endpoint. Its name is what its cursor is kept under: renamed, it starts anew."""

    name: str
    endpoint: str  # host:port, or a URL; https:// means TLS
    protocol: str = "grpc"  # grpc, http
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)  # they may be secrets
    tls: ExporterTls | None = None
    compression: str = "none"  # none, gzip, with http also zstd
    signals: tuple[str, ...] = _SIGNALS
    filters: ExporterFilters = ExporterFilters()
    start_at: str = "end"  # a new endpoint gets what becomes visible from now on, or all there is: end, beginning
    timeout: DurationNs = parse_duration("10s")  # of one request
    max_request_bytes: int = 2 * 1024 * 1024  # gRPC servers take 4 MiB unless told otherwise
    concurrency: int = 4  # requests under way at once, of each signal

    @property
    def is_secure(self) -> bool:
        """Whether the connection is encrypted."""
        return self.tls is not None or self.endpoint.startswith("https://")

    @property
    def address(self) -> str:
        """The endpoint without its scheme and without a trailing slash."""
        return self.endpoint.partition("://")[2].rstrip("/") if "://" in self.endpoint else self.endpoint.rstrip("/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporters:
    """The OTLP endpoints that get what is live or released."""

    otlp: tuple[OtlpExporter, ...] = ()


def check_exporters(exporters: Exporters, environments: Mapping[str, object], faults: Faults) -> None:
    """Note what the types alone do not say."""
    seen: set[str] = set()
    for i, exporter in enumerate(exporters.otlp):
        path = f"exporters.otlp[{i}]"
        if not exporter.name or exporter.name in seen:
            faults.add(f"{path}.name", f"{exporter.name!r} must be a text that no other endpoint has")
        seen.add(exporter.name)
        _check_endpoint(exporter, path, faults)
        for key, value, known in (
            ("protocol", exporter.protocol, _PROTOCOLS),
            ("compression", exporter.compression, _COMPRESSIONS.get(exporter.protocol, _COMPRESSIONS["http"])),
            ("start_at", exporter.start_at, _STARTS),
            *(("signals", signal, _SIGNALS) for signal in exporter.signals),
        ):
            faults.unknown_value(f"{path}.{key}", value, known)
        for environment in exporter.filters.environments:
            faults.unknown_value(f"{path}.filters.environments", environment, environments)
        _check_numbers(exporter, path, faults)


def _check_endpoint(exporter: OtlpExporter, path: str, faults: Faults) -> None:
    try:
        parts = urlsplit(exporter.endpoint if "://" in exporter.endpoint else f"//{exporter.endpoint}")
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if not parts.hostname or parts.scheme not in ("", "http", "https") or (not parts.scheme and port is None):
        right = "host:port, such as tempo:4317, or a URL that begins with http:// or https://"
        faults.add(f"{path}.endpoint", f"{exporter.endpoint!r} is not {right}")
    elif exporter.protocol == "grpc" and (port is None or parts.path.strip("/")):
        faults.add(f"{path}.endpoint", f"{exporter.endpoint!r} needs a port and no path with protocol grpc")
    if exporter.endpoint.startswith("http://") and exporter.tls is not None:
        faults.add(f"{path}.tls", "contradicts http:// in the endpoint; write https://")


def _check_numbers(exporter: OtlpExporter, path: str, faults: Faults) -> None:
    checks: tuple[tuple[str, int, Callable[[int], bool], str], ...] = (
        ("timeout", exporter.timeout, lambda value: value > 0, "must be longer than 0s"),
        ("max_request_bytes", exporter.max_request_bytes, lambda value: 1024 <= value <= 2**26, "must be 1 KiB…64 MiB"),
        ("concurrency", exporter.concurrency, lambda value: 1 <= value <= _MAX_CONCURRENCY, "must be 1 to 64"),
    )  # fmt: skip
    for key, value, is_good, right in checks:
        if not is_good(value):
            faults.add(f"{path}.{key}", right)
    tls = exporter.tls
    if tls is not None and (tls.cert_file is None) != (tls.key_file is None):
        faults.add(f"{path}.tls", "cert_file and key_file go together")
