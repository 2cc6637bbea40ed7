"""Every setting with its default: the whole configuration as frozen values.

The field names are the keys of the file (`interface.md`, Configuration); what a key means is
said beside it. Policies stay raw here: the part that owns them reads them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from botlogs_collector.config.duration import DurationNs, parse_duration
from botlogs_collector.config.exporters import Exporters


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where a server listens, `host:port`, and its certificates: PEM files. The text alone stands for the endpoint."""

    endpoint: str
    cert: str | None = None  # with `key`: the server speaks TLS alone
    key: str | None = None
    client_ca: str | None = None  # clients must show a certificate that one of these authorities has signed


@dataclass(frozen=True, slots=True, kw_only=True)
class OtlpReceiver:
    """The two OTLP servers and what they accept."""

    grpc: Endpoint = Endpoint(endpoint="127.0.0.1:4317")
    http: Endpoint = Endpoint(endpoint="127.0.0.1:4318")
    max_request_bytes: int = 32 * 1024 * 1024  # a request of 20,000 spans is about 10 MB
    max_pending_bytes: int = 128 * 1024 * 1024  # accepted but not yet durable, all requests together
    max_pending_requests: int = 4096
    max_commit_bytes: int = 32 * 1024 * 1024  # one INSERT
    # How long a client may take for one request, or say nothing at all. Exporters give up after 10 s by default.
    request_timeout: DurationNs = parse_duration("30s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Receivers:
    """What is received."""

    otlp: OtlpReceiver = OtlpReceiver()


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """Where everything is kept, and for how long."""

    dsn: str = "chdb://./botlogs-data"
    retention: DurationNs = parse_duration("180d")  # of what is released or live
    hold_retention: DurationNs = parse_duration("72h")  # of what is held, dropped ones included
    cluster: str | None = None  # of ClickHouse servers, as its remote_servers name it
    cold_after: DurationNs | None = None  # what readers see moves to storage_policy's cold_volume at this age
    cold_volume: str = "cold"
    storage_policy: str = "tiered"
    max_memory_bytes: int = 0  # of the embedded engine; 0: 60 % of the machine
    connect_timeout: DurationNs = parse_duration("10s")  # until a server takes a connection
    read_timeout: DurationNs = parse_duration("60s")  # that a server may say nothing; at work it tells its progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """When the conversations of one environment become readable."""

    release_delay: DurationNs = parse_duration("15m")  # after the end; 0 means live
    aliases: tuple[str, ...] = ()

    @property
    def is_live(self) -> bool:
        """Whether logs are readable while the conversation runs."""
        return self.release_delay == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EndRule:
    """When a conversation of one channel or environment counts as over; None: as for all."""

    idle_timeout: DurationNs | None = None
    max_age: DurationNs | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """When a conversation is over. A channel's value wins over an environment's, that over the general one."""

    idle_timeout: DurationNs = parse_duration("30m")  # since the last received action
    max_age: DurationNs = parse_duration("24h")  # since the first received action
    environments: Mapping[str, EndRule] = field(default_factory=dict[str, EndRule])
    channels: Mapping[str, EndRule] = field(default_factory=dict[str, EndRule])


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """How often the release engine looks, and how much it does at once."""

    interval: DurationNs = parse_duration("2s")
    batch_conversations: int = 1000
    # Rows younger than this may still be on their way into the store from another collector.
    watermark_lag: DurationNs = parse_duration("5s")
    # How long after a collector was killed another one takes over; longer than a batch takes.
    lease: DurationNs = parse_duration("60s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """Where the console and the query API listen, and what they link to."""

    http: Endpoint = Endpoint(endpoint="127.0.0.1:8080")
    grpc: Endpoint = Endpoint(endpoint="127.0.0.1:8081")
    builder_url: str | None = None  # template: {bot_id} {flow_id} {flow_version} {node_id}
    cors_origins: tuple[str, ...] = ()  # pages of these origins may embed the console
    max_streams: int = 2000  # open at once, of all readers together; more are told to come back
    allowed_hosts: tuple[str, ...] = ()  # names, beside the loopback ones, that it is asked by without tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Auth:
    """Who may send and read. Without a file everybody on this machine, and nobody else."""

    tokens_file: str | None = None  # made by `botlogs token add`, or at the first start; holds hashes, no token


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The whole configuration."""

    receivers: Receivers = Receivers()
    storage: Storage = Storage()
    environments: Mapping[str, Environment] = field(
        default_factory=lambda: {
            "sandbox": Environment(release_delay=DurationNs(0), aliases=("development", "dev", "test")),
            "staging": Environment(release_delay=DurationNs(0)),
            "production": Environment(aliases=("live", "prod")),
        }
    )
    default_environment: str = "production"
    conversation: Conversation = Conversation()
    release: Release = Release()
    tail_sampling: Mapping[str, object] = field(default_factory=dict[str, object])
    exporters: Exporters = field(default_factory=Exporters)
    api: Api = Api()
    auth: Auth = Auth()

    def endpoints(self) -> dict[str, Endpoint]:
        """Return every port that the service opens, by its path in the configuration."""
        otlp = self.receivers.otlp
        return {
            "receivers.otlp.grpc": otlp.grpc,
            "receivers.otlp.http": otlp.http,
            "api.http": self.api.http,
            "api.grpc": self.api.grpc,
        }
