"""Alive, and ready: what /healthz, /readyz and gRPC health answer."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Health:
    """Ready means: every part in `waiting_for` has said so and the service is not stopping."""

    waiting_for: set[str] = field(default_factory=lambda: {"store", "receivers", "api"})
    stopping: bool = False

    def ready(self, part: str) -> None:
        """Note that *part* works."""
        self.waiting_for.discard(part)

    @property
    def is_ready(self) -> bool:
        """Whether senders and readers should come here."""
        return not self.waiting_for and not self.stopping

    def explain(self) -> str:
        """Say in one line what is missing."""
        if self.stopping:
            return "stopping"
        return f"waiting for: {', '.join(sorted(self.waiting_for))}" if self.waiting_for else "ready"
