"""What senders were told against what is readable at the end, fault by fault: `make faults` prints it as a table."""

import os
from dataclasses import dataclass

# `make faults` sets it: the same tests, with many more faults.
LONG = os.environ.get("BOTLOGS_FAULTS") == "long"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One kind of fault: all counts but the first two should be nothing."""

    fault: str
    times: int
    acknowledged: int
    missing: int
    doubled: int
    note: str = ""


entries: list[Entry] = []


def settle(fault: str, times: int, *, acknowledged: set[str], readable: dict[str, int], note: str = "") -> None:
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


def table() -> list[str]:
    """Return the lines of the table."""
    head = ["| fault | times | acknowledged | missing | doubled | note |", "|---|---:|---:|---:|---:|---|"]
    return head + [
        f"| {e.fault} | {e.times} | {e.acknowledged:,} | {e.missing} | {e.doubled} | {e.note} |" for e in entries
    ]
