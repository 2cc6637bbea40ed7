"""What `botlogs doctor` says of one thing."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing looked at: what was found, and what to do if it is not good."""

    name: str
    good: bool
    found: str
    advice: str = ""
