"""What the demo and the sample bot's processes tell one another, as JSON lines."""

import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """One deployment of the bot, as its page shows it."""

    environment: str
    chat_url: str
    note: str  # when its conversations can be read, in words


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What a bot is told once the service is there."""

    otlp_url: str
    console_url: str
    deployments: tuple[Deployment, ...]
    pace: float  # multiplies the time that users think and nodes take: 1 is a person's, 0 none

    @staticmethod
    def from_json(line: str) -> "Orders":
        """Read what `json.dumps(asdict(orders))` wrote."""
        raw = json.loads(line)
        deployments = tuple(Deployment(**one) for one in raw.pop("deployments"))
        return Orders(**raw, deployments=deployments)
