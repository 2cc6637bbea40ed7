"""The settings that the demo gives the service: short delays where a person waits, the real ones once."""

from typing import Final

from botlogs_collector.config.duration import DurationNs, parse_duration
from botlogs_collector.config.settings import (
    Api,
    Conversation,
    Endpoint,
    EndRule,
    Environment,
    OtlpReceiver,
    Receivers,
    Release,
    Settings,
    Storage,
)

REAL: Final = "production-15m"
PRODUCTION_DELAY: Final = "20s"
PRODUCTION_IDLE: Final = "15s"

NOTES: Final[dict[str, str]] = {
    "sandbox": "its logs can be read while you talk",
    "staging": "its logs can be read while you talk",
    "production": (
        f"demo delay: its logs can be read {PRODUCTION_DELAY} after the conversation has ended, "
        f"by its own end or by {PRODUCTION_IDLE} of silence (the default is 15 min and 30 min)"
    ),
    REAL: "the real delay: its logs can be read 15 min after the conversation has ended",
}
"""Every environment in which the demo's bot runs, and when it can be read. The sandbox comes first."""

_LIVE: Final = DurationNs(0)

_ENVIRONMENTS: Final = {
    "sandbox": Environment(release_delay=_LIVE, aliases=("development", "dev", "test")),
    "staging": Environment(release_delay=_LIVE),
    "production": Environment(release_delay=parse_duration(PRODUCTION_DELAY), aliases=("live", "prod")),
    REAL: Environment(release_delay=parse_duration("15m")),
}

_POLICIES: Final[dict[str, object]] = {
    "policies": [
        # Somebody who only opened the chat: dropped, with a receipt, and to be had back with `botlogs restore`.
        {
            "name": "only-looked",
            "type": "drop",
            "drop": {"drop_sub_policy": [{"name": "one-turn", "type": "turn_count", "turn_count": {"max_turns": 1}}]},
        },
        {"name": "errors", "type": "status_code", "status_code": {"status_codes": ["ERROR"]}},
        {"name": "most", "type": "probabilistic", "probabilistic": {"sampling_percentage": 80}},
    ]
}


def demo_settings(
    folder: str, *, otlp_grpc: str, otlp_http: str, api_http: str, api_grpc: str, chat_origins: tuple[str, ...]
) -> Settings:
    """Return the settings for a store in *folder*; the chat pages of *chat_origins* embed the console."""
    return Settings(
        receivers=Receivers(
            otlp=OtlpReceiver(grpc=Endpoint(endpoint=otlp_grpc), http=Endpoint(endpoint=otlp_http)),
        ),
        storage=Storage(dsn=f"chdb://{folder}"),
        environments=_ENVIRONMENTS,
        conversation=Conversation(
            environments={
                "sandbox": EndRule(idle_timeout=parse_duration("5m")),
                "production": EndRule(idle_timeout=parse_duration(PRODUCTION_IDLE)),
            }
        ),
        release=Release(interval=parse_duration("1s")),
        tail_sampling=_POLICIES,
        api=Api(http=Endpoint(endpoint=api_http), grpc=Endpoint(endpoint=api_grpc), cors_origins=chat_origins),
    )
