"""From measured figures to sizes: what a thousand, a million and a hundred million conversations a day need.

`python -m tests.bench.capacity` prints the tables, `--write` puts them into collector/docs/capacity.md, and
`--results bench-results/….json` first takes the measured constants from a run of the benches (`make capacity`).
"""

import argparse
import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CONSTANTS = Path(__file__).with_name("capacity.json")
PAGE = Path(__file__).parents[2] / "collector" / "docs" / "capacity.md"
STEPS = (1_000, 1_000_000, 100_000_000)
_DAY_S = 86_400
_MARKED = re.compile(r"(<!-- made by tests/bench/capacity.py -->\n).*(<!-- end -->)", re.DOTALL)
_IN_LINES = re.compile(r"\[\n[^\[\]]*\]")
# Which figure of a bench's results is which constant: by its unit and its name. Of several, that at the largest size.
_FIGURES: dict[str, tuple[str, str]] = {
    "span_us": ("µs/span", r"^gRPC, 64 x 512 spans: CPU of the service$"),
    "log_us": ("µs/record", r"^gRPC, 64 x 512 records: CPU of the service$"),
    "span_bytes": ("bytes/span", r"^gRPC, 64 x 512 spans: on disk$"),
    "log_bytes": ("bytes/record", r"^gRPC, 64 x 512 records: on disk$"),
    "released_a_second": ("conversations/s", r"^released at once"),
    "forward_us": ("µs/span", r"^backlog of [0-9,]+ spans: CPU"),
    "rss_mb": ("MB", r"^gRPC, 64 x 512 spans: memory$"),
}


@dataclass(frozen=True, slots=True)
class Model:
    """All constants, and what follows from them for a number of conversations a day."""

    values: dict[str, float]

    def of(self, name: str) -> float:
        """Return a constant."""
        return self.values[name]

    def per_second(self, day: int) -> float:
        """Return conversations a second in the busiest hour."""
        return day / _DAY_S * self.of("peak")

    def items(self, day: int) -> float:
        """Return spans and log records a second in the busiest hour."""
        return self.per_second(day) * (self.of("spans") + self.of("logs"))

    def ingest_cores(self, day: int) -> float:
        """Return the cores that take them, all in, in one process."""
        each = self.of("spans") * self.of("span_us") + self.of("logs") * self.of("log_us")
        return self.per_second(day) * each / 1e6

    def collectors(self, day: int) -> int:
        """Return how many collectors take them before servers: one more than needed, for the one that restarts."""
        cores = self.items(day) * self.of("collector_us") / 1e6
        return math.ceil(cores / self.of("usable")) + 1

    def look_s(self, day: int) -> float:
        """Return the CPU seconds of one look for what is due."""
        return day * self.of("held") * (self.of("hold_days") + 1) * self.of("look_us") / 1e6

    def server_cores(self, day: int) -> float:
        """Return the cores of all ClickHouse nodes: ingest, merges of each replica, release, looks for what is due."""
        items = self.items(day)
        ingest = self.ingest_cores(day) - items * self.of("collector_us") / 1e6
        merges = items * (self.of("replicas") - 1) * self.of("merge_us") / 1e6
        release = self.per_second(day) * self.of("held") / self.of("released_a_second")
        return ingest + merges + release + min(self.look_s(day) / 2, 1)

    def forward_cores(self, day: int) -> float:
        """Return the cores that one endpoint costs which gets everything that readers see; a record costs as a span."""
        return self.items(day) * self._readable() * self.of("forward_us") / 1e6

    def forward_bits(self, day: int) -> float:
        """Return bits a second to such an endpoint, uncompressed, in the busiest hour."""
        return self.wire_bits(day) * self._readable()

    def _readable(self) -> float:
        return 1 - self.of("held") + self.of("held") * self.of("kept")

    def hold_bytes(self, day: int) -> float:
        """Return what is held, on one replica."""
        return day * self.of("held") * self.of("hold_days") * self._conversation_bytes()

    def kept_bytes(self, day: int) -> float:
        """Return what readers have in the end, and the state and receipts of all conversations, on one replica."""
        return (
            day * self.of("retention_days") * (self._readable() * self._conversation_bytes() + self.of("state_bytes"))
        )

    def _conversation_bytes(self) -> float:
        return self.of("spans") * self.of("span_bytes") + self.of("logs") * self.of("log_bytes")

    def shards(self, day: int) -> int:
        """Return how many shards the cores and the disks ask for."""
        by_cores = self.server_cores(day) / self.of("replicas") / (self.of("node_cores") * self.of("usable"))
        disk = (self.hold_bytes(day) + self.kept_bytes(day)) / (self.of("node_disk_tb") * 1e12 * self.of("usable"))
        return max(1, math.ceil(max(by_cores, disk)))

    def wire_bits(self, day: int) -> float:
        """Return bits a second from the senders, uncompressed, in the busiest hour."""
        each = self.of("spans") * self.of("span_wire") + self.of("logs") * self.of("log_wire")
        return self.per_second(day) * each * 8

    def inner_bits(self, day: int) -> float:
        """Return bits a second between ClickHouse nodes: to the right shard, and to the other replicas."""
        shards = self.shards(day)
        hops = (shards - 1) / shards + self.of("replicas") - 1
        return self.items(day) * self.of("block_bytes") * hops * 8


def constants() -> dict[str, dict[str, list[Any]]]:
    """Return the constants with what they are and where they come from."""
    return json.loads(CONSTANTS.read_text(encoding="utf-8"))


def model(known: dict[str, dict[str, list[Any]]]) -> Model:
    """Return the model of some constants."""
    return Model({name: float(line[0]) for part in known.values() for name, line in part.items()})


def measured_from(results: Path, known: dict[str, dict[str, list[Any]]]) -> list[str]:
    """Put the figures of a bench's results in the place of *known* ones; return the names of those that were found."""
    run = json.loads(results.read_text(encoding="utf-8"))
    found: list[str] = []
    for name, (unit, pattern) in _FIGURES.items():
        rows = [row for row in run["rows"] if row["unit"] == unit and re.search(pattern, str(row["name"]))]
        if rows:
            row = max(rows, key=lambda row: row.get("at") or 0)
            known["measured"][name] = [
                round(row["value"], 1),
                known["measured"][name][1],
                f"{results.name}: {row['name']}",
            ]
            found.append(name)
    return found


def tables(known: dict[str, dict[str, list[Any]]]) -> str:
    """Return the page's tables as Markdown."""
    m = model(known)
    lines = ["| a day | 1 thousand | 1 million | 100 million |", "|---|---:|---:|---:|"]
    for label, figure in _ROWS:
        lines.append(f"| {label} | " + " | ".join(figure(m, day) for day in STEPS) + " |")
    lines += ["", "What breaks first, from below: more conversations a day than this, and …", ""]
    lines += ["| conversations a day | what breaks | then |", "|---:|---|---|"]
    lines += [f"| {_round(day)} | {what} | {then} |" for day, what, then in sorted(_limits(m))]
    lines += ["", "Measured, on two cores; the machine and the command are in the last column:", ""]
    lines += ["| value | what | from |", "|---:|---|---|"]
    lines += [f"| {value:g} | {what} | {source} |" for value, what, source in known["measured"].values()]
    lines += ["", "Assumed; put your own into `tests/bench/capacity.json`:", "", "| value | what |", "|---:|---|"]
    lines += [f"| {value:g} | {what} |" for value, what in known["assumed"].values()]
    return "\n".join(lines) + "\n"


def _embedded(m: Model, day: int) -> bool:
    """Whether one process with the embedded engine and two cores is enough."""
    return m.ingest_cores(day) < 2 * m.of("usable") and m.look_s(day) < m.of("look_limit_s") / 10


_ROWS: Sequence[tuple[str, Callable[[Model, int], str]]] = (
    ("conversations a second, busiest hour", lambda m, d: _short(m.per_second(d))),
    ("spans and log records a second", lambda m, d: f"{m.items(d):,.0f}"),
    ("from the senders, uncompressed", lambda m, d: _bits(m.wire_bits(d))),
    ("collectors of one core or two", lambda m, d: "1, embedded" if _embedded(m, d) else str(m.collectors(d))),
    ("memory of a collector", lambda m, d: f"{m.of('rss_mb') * 1.5 / 1000 if _embedded(m, d) else 0.5:.1f} GB"),
    ("ClickHouse cores, all nodes", lambda m, d: f"{m.server_cores(d):,.1f}"),
    ("ClickHouse nodes: shards by replicas", lambda m, d: "none" if _embedded(m, d) else
     f"{m.shards(d)} by {m.of('replicas'):.0f}"),
    ("disk for the hold, one replica of each shard", lambda m, d: _bytes(m.hold_bytes(d))),
    ("disk for readers and receipts, the same", lambda m, d: _bytes(m.kept_bytes(d))),
    ("disk, all nodes", lambda m, d: _bytes((m.hold_bytes(d) + m.kept_bytes(d)) *
                                            (1 if _embedded(m, d) else m.of("replicas")))),
    ("between ClickHouse nodes", lambda m, d: "none" if _embedded(m, d) else _bits(m.inner_bits(d))),
    ("for each endpoint forwarded to: cores", lambda m, d: _short(m.forward_cores(d))),
    ("for each endpoint forwarded to, uncompressed", lambda m, d: _bits(m.forward_bits(d))),
    ("one look for what is due", lambda m, d: f"{_short(m.look_s(d))} s"),
    ("releasers that the rate asks for", lambda m, d: _short(_releasers(m, d))),
    ("past its limit, at this size", lambda m, d: ", ".join(_past(m, d)) or "nothing"),
)  # fmt: skip


def _releasers(m: Model, day: int) -> float:
    return m.per_second(day) * m.of("held") / m.of("released_a_second")


def _past(m: Model, day: int) -> list[str]:
    """Return what no further machine helps: see the limits below."""
    passed = {"the look": m.look_s(day) > m.of("look_limit_s"), "the releaser": _releasers(m, day) > 1}
    return [name for name, is_past in passed.items() if is_past]


def _limits(m: Model) -> list[tuple[float, str, str]]:
    """Return how many conversations a day each part takes, what breaks then and what to do."""
    one = 1_000_000
    usable, node = m.of("usable"), m.of("node_cores") * m.of("usable")
    disk = m.of("node_disk_tb") * 1e12 * usable
    collectors = m.of("parts_a_second") / m.of("commits_a_second") * 2
    late_s = f"{m.of('look_limit_s'):.0f} s"
    look = f"the look for what is due takes {late_s} of one core: conversations are readable that much later"
    return [
        (
            one * 2 * usable / m.ingest_cores(one),
            "two cores with the embedded engine",
            "a ClickHouse server, two collectors",
        ),
        (
            one * m.of("look_limit_s") / m.look_s(one),
            look,
            "a shorter `hold_retention` (it looks at all of it), more cores for the query",
        ),
        (
            one / _releasers(m, one),
            "the releaser: the backlog of the busiest hours waits for the quieter ones",
            "drop more by policy; two stores, each with its bots; one store shared by releasers is not built",
        ),
        (one * node * m.of("replicas") / m.server_cores(one), "the cores of one shard", "more shards"),
        (
            one * disk / (m.hold_bytes(one) + m.kept_bytes(one)),
            "the disk of one shard",
            "`storage.cold_after`, a shorter retention, more shards",
        ),
        (
            one * collectors * usable / (m.items(one) * m.of("collector_us") / 1e6),
            "parts: each commit of each collector makes one on every shard",
            "larger commits: fewer collectors with more senders each",
        ),
    ]


def _short(number: float) -> str:
    if 0 < number < 0.001:
        return "under 0.001"
    return f"{number:,.0f}" if number >= 100 else f"{number:.2g}"


def _round(number: float) -> str:
    digits = 10 ** (math.floor(math.log10(number)) - 1)
    return f"{round(number / digits) * digits:,}"


def _bytes(number: float) -> str:
    for unit in ("MB", "GB", "TB"):
        if number < 1e9 or unit == "TB":
            return f"{number / 1e6:,.3g} {unit}" if number < 1e9 else f"{number / 1e6:,.0f} {unit}"
        number /= 1000
    raise AssertionError


def _bits(number: float) -> str:
    for unit in ("kbit/s", "Mbit/s", "Gbit/s"):
        number /= 1000
        if number < 1000 or unit == "Gbit/s":
            return f"{number:,.3g} {unit}"
    raise AssertionError


def page(known: dict[str, dict[str, list[Any]]]) -> str:
    """Return the page with its tables made anew."""
    return _MARKED.sub(lambda found: found[1] + tables(known) + found[2], PAGE.read_text(encoding="utf-8"))


def main() -> None:
    """Print the tables, or write them into the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, help="take the measured constants from this run of the benches")
    parser.add_argument("--write", action="store_true", help="put the tables into collector/docs/capacity.md")
    chosen = parser.parse_args()
    known = constants()
    if chosen.results:
        print("taken from", chosen.results.name, "·", ", ".join(measured_from(chosen.results, known)) or "nothing")
        if chosen.write:
            text = _IN_LINES.sub(
                lambda found: re.sub(r"\s*\n\s*", " ", found[0]), json.dumps(known, indent=1, ensure_ascii=False)
            )
            CONSTANTS.write_text(text.replace("[ ", "[").replace(" ]", "]") + "\n", encoding="utf-8")
    if chosen.write:
        PAGE.write_text(page(known), encoding="utf-8")
    else:
        print(tables(known))


if __name__ == "__main__":
    main()
