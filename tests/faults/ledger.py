"""What senders were told against what is readable at the end, fault by fault: `make faults` prints it as a table."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

# `make faults` sets it: the same tests, with many more faults.
LONG = os.environ.get("BOTLOGS_FAULTS") == "long"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One kind of fault: what is missing or doubled should be nothing."""

    fault: str
    times: int
    acknowledged: int
    missing: int
    doubled: int
    note: str = ""

    def __str__(self) -> str:
        told = f"{self.fault}: {self.acknowledged:,} acknowledged, {self.missing} missing, {self.doubled} doubled"
        return f"{told}; {self.note}" if self.note else told


entries: list[Entry] = []


def settle(fault: str, times: int, *, acknowledged: set[str], readable: Mapping[str, int], note: str = "") -> None:
    """Note and check that everything *acknowledged* is *readable* (by key, how often) once each."""
    missing = acknowledged - readable.keys()
    doubled = {key for key, count in readable.items() if count != 1}
    entries.append(
        Entry(
            fault=fault, times=times, note=note,
            acknowledged=len(acknowledged), missing=len(missing), doubled=len(doubled),
        )
    )  # fmt: skip
    assert not missing, f"{len(missing)} of {len(acknowledged)} acknowledged are not there, such as {min(missing)}"
    assert not doubled, f"{len(doubled)} are there more than once, such as {min(doubled)}"


def noted() -> tuple[str, str]:
    """Return and forget what was settled since the last call: how many faults, and what was counted."""
    settled, entries[:] = entries[:], []
    times = sum(entry.times for entry in settled[:1])
    return (f"{times:,} fault{'s' if times > 1 else ''}" if times else ""), "; ".join(map(str, settled))
