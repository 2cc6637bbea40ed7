"""Reads `tail_sampling`: the OpenTelemetry tail_sampling processor's own YAML, and our own policies in the same syntax.

All faults are noted at once with exact paths. What makes no sense for conversations held in a
store is accepted and named once as a notice, so that a file can be taken over as it is.
"""

import difflib
import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from botlogs_collector.config.faults import Faults
from botlogs_collector.sample.block import Block
from botlogs_collector.sample.conditions import Condition
from botlogs_collector.sample.policy import LearningPolicy, Policy
from botlogs_collector.sample.policy_types import COMBINING_TYPES, LEAF_TYPES, Parsing

_IGNORED = {
    "decision_wait": "conversations are judged when they have ended (conversation.idle_timeout, max_age)",
    "decision_wait_after_root_received": "conversations are judged when they have ended",
    "num_traces": "the hold is in ClickHouse; its size does not depend on a number of traces",
    "expected_new_traces_per_sec": "nothing is allocated per trace",
    "block_on_overflow": "the hold does not overflow into decisions; receivers push back instead",
    "drop_pending_traces_on_shutdown": "what is pending stays in the store and is decided later",
    "decision_cache": "every decision is on record as a receipt",
    "num_shards": "decisions are not sharded by process",
    "tail_storage": "the hold is in ClickHouse",
    "sampling_strategy": "conversations are always judged whole",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySet:
    """All policies in the order in which they are asked: drop policies first."""

    policies: tuple[Policy, ...] = ()
    learning: tuple[LearningPolicy, ...] = ()  # those that must hear what was kept, wherever they are nested
    sample_on_first_match: bool = False
    maximum_trace_size_bytes: int = 0  # 0: no limit
    hash: str = ""
    notices: tuple[str, ...] = ()  # what was accepted and is ignored, each with its reason

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Return what must be asked of the store, each once, by name."""
        asked = {condition.name: condition for policy in self.policies for condition in policy.conditions}
        return tuple(asked[name] for name in sorted(asked))


def parse_policies(raw: Mapping[str, object], faults: Faults, path: str = "tail_sampling") -> PolicySet:
    """Return the policy set of *raw* (the mapping under `tail_sampling`), noting every fault in *faults*.

    What comes back after a fault is not to be used; the caller raises them all.
    """
    top = Block(raw, path, faults)
    notices = [f"{top.at(key)} is ignored: {why}" for key, why in _IGNORED.items() if key in top.raw]
    first_match = top.boolean("sample_on_first_match", default=False)
    max_bytes = top.whole("maximum_trace_size_bytes", 0)
    entries = top.items("policies", ())
    top.finish(_IGNORED)
    parser = _Parser(faults, notices)
    policies = parser.parse_list(entries, top.at("policies"), "", {*LEAF_TYPES, *COMBINING_TYPES})
    parser.refuse_same_names(entries, top.at("policies"))
    normal = [parser.normal, first_match, max_bytes]
    digest = hashlib.sha256(json.dumps(normal, sort_keys=True, default=list).encode()).hexdigest()[:16]
    drops = [policy for policy, type_ in policies if type_ == "drop"]
    others = [policy for policy, type_ in policies if type_ != "drop"]
    return PolicySet(
        policies=(*drops, *others),
        learning=tuple(parser.learning),
        sample_on_first_match=first_match,
        maximum_trace_size_bytes=max_bytes,
        hash=digest,
        notices=tuple(notices),
    )


class _Parser(Parsing):
    """Reads lists of policies, those inside others too."""

    def __init__(self, faults: Faults, notices: list[str]) -> None:
        self.faults = faults
        self.notices = notices
        self.normal: list[object] = []
        self.learning: list[LearningPolicy] = []

    def parse_list(
        self, entries: list[object], path: str, scope: str, allowed: Collection[str]
    ) -> list[tuple[Policy, str]]:
        """Return the policies of *entries* with their types; *scope* keeps the counters of equal names apart."""
        found: list[tuple[Policy, str]] = []
        taken: set[str] = set()
        for index, entry in enumerate(entries):
            parsed = self.parse_one(entry, f"{path}[{index}]", scope, allowed, taken)
            if parsed is not None:
                found.append(parsed)
        return found

    def parse_one(
        self, entry: object, path: str, scope: str, allowed: Collection[str], taken: set[str]
    ) -> tuple[Policy, str] | None:
        """Return one policy with its type, or None where the type is not known."""
        block = Block(entry, path, self.faults)
        name = block.text("name")
        type_ = block.text("type")
        known = {**LEAF_TYPES, **COMBINING_TYPES}
        self.normal.append([scope, block.values])
        if type_ not in allowed:
            if type_:
                self.faults.add(block.at("type"), _unknown_type(type_, allowed, known))
            return None
        cell = f"{scope}/{name}" if scope else name
        cell = cell if cell not in taken else f"{cell}#{len(taken)}"
        taken.add(cell)
        parse: Callable[[Parsing, str, str, Block], Policy] = known[type_]
        policy = parse(self, name, cell, block)
        if isinstance(policy, LearningPolicy):
            self.learning.append(policy)
        block.finish(known)
        unused = sorted(set(block.raw) & set(known) - {type_})
        self.notices += [f"{block.at(key)} is ignored: the policy's type is {type_}" for key in unused]
        return policy, type_

    def refuse_same_names(self, entries: list[object], path: str) -> None:
        """Note names that occur twice: votes and receipts could not be told apart."""
        seen: dict[str, int] = {}
        for index, entry in enumerate(entries):
            name = Block(entry, "", Faults()).raw.get("name")
            if isinstance(name, str) and name and seen.setdefault(name, index) != index:
                first = seen[name]
                self.faults.add(f"{path}[{index}].name", f"{name!r} is the name of {path}[{first}] already")


def _unknown_type(type_: str, allowed: Collection[str], known: Collection[str]) -> str:
    if type_ in known:
        return f"{type_!r} cannot be used inside another policy; possible here: {', '.join(sorted(allowed))}"
    near = difflib.get_close_matches(type_, sorted(allowed), n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known types: {', '.join(sorted(allowed))}"
    return f"unknown policy type {type_!r}; {hint}"
