"""Our decisions beside those of the OpenTelemetry processor itself, about the same traces and configurations.

What it said is in tests/data/tail_sampling; tests/stacks/tail_sampling asked it, and tests/stacks asks it again.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from botlogs_collector.config.faults import Faults
from botlogs_collector.model.conversation import TraceId
from botlogs_collector.model.decision import Decision
from botlogs_collector.otlp.json_codec import json_to_protobuf
from botlogs_collector.sample.decide import decide
from botlogs_collector.sample.policies import parse_policies
from botlogs_collector.sample.probabilistic import Probabilistic
from botlogs_collector.sample.rates import Rates
from botlogs_collector.store.client import Database
from botlogs_collector.store.ingest import OtlpTables
from tests.support.condition_store import ask
from tests.support.conversations import facts
from tests.support.records import START

DATA = Path(__file__).parents[1] / "data" / "tail_sampling"


def _loaded(name: str) -> Any:
    return json.loads((DATA / name).read_text(encoding="utf-8"))


CONFIGURATIONS = cast("dict[str, dict[str, object]]", yaml.safe_load((DATA / "configurations.yaml").read_text("utf-8")))
SAID = cast("dict[str, str]", _loaded("decisions.json"))
HASHES = cast("list[dict[str, Any]]", _loaded("hashes.json"))


@dataclass(frozen=True)
class Trace:
    request: bytes

    @property
    def spans(self) -> list[Span]:
        """Its spans in the order sent."""
        request = ExportTraceServiceRequest.FromString(self.request)
        return [span for each in request.resource_spans for scope in each.scope_spans for span in scope.spans]

    @property
    def attributes(self) -> list[KeyValue]:
        """All attributes of its spans and their resources."""
        request = ExportTraceServiceRequest.FromString(self.request)
        owned = [pair for each in request.resource_spans for pair in each.resource.attributes]
        return [*owned, *(pair for span in self.spans for pair in span.attributes)]

    @property
    def trace_id(self) -> str:
        """In hex."""
        return self.spans[0].trace_id.hex()


TRACES = [Trace(json_to_protobuf("traces", line)) for line in (DATA / "traces.jsonl").read_bytes().splitlines()]


@pytest.fixture(scope="module")
def held(database: Database) -> Database:
    """Return a store with the traces in its hold."""
    OtlpTables(database).insert("traces", [trace.request for trace in TRACES], START)
    return database


def _ours(database: Database, configuration: dict[str, object]) -> list[Decision]:
    """Return our decision about each trace, every limit untouched."""
    faults = Faults()
    policies = parse_policies(configuration, faults)
    faults.raise_if_any()
    answered = ask(database, policies.conditions, [[trace.trace_id] for trace in TRACES])
    return [
        decide(policies, facts(trace_ids=(TraceId(each.trace_id),), spans=len(each.spans), conditions=said), Rates({}))
        for each, said in zip(TRACES, answered, strict=True)
    ]


def _in_its_words(decision: Decision) -> str:
    """The processor names the policy of what is sampled or dropped, of nothing else."""
    if decision.outcome == "keep":
        return f"+{decision.decided_by}"
    is_dropped = any(vote.policy == decision.decided_by and vote.vote == "dropped" for vote in decision.votes)
    return f"-{decision.decided_by}" if is_dropped else "-"


def _has_other_type(key: str, wanted: str) -> Callable[[Trace], bool]:
    return lambda trace: any(pair.key == key and pair.value.WhichOneof("value") != wanted for pair in trace.attributes)


def _has_zero(key: str) -> Callable[[Trace], bool]:
    return lambda trace: any(pair.key == key and pair.value.int_value <= 0 for pair in trace.attributes)


# The rows of "Deviations" in collector/README.md that these configurations meet: about which traces we may differ.
DEVIATIONS: dict[str, Callable[[Trace], bool]] = {
    "latency_between": lambda trace: len(trace.spans) > 1,
    **{name: _has_other_type("a", "int_value") for name in ("numeric", "numeric_negative", "numeric_to")},
    "numeric_from": _has_other_type("b", "int_value"),
    "numeric_inverted": _has_other_type("a", "int_value"),
    "numeric_zero": lambda trace: _has_other_type("a", "int_value")(trace) or _has_zero("a")(trace),
    "boolean_false": _has_other_type("b", "bool_value"),
    "string_anything": _has_other_type("a", "string_value"),
    "inverted_and_sampled": lambda _: True,
    "inverted_not_sampled_first": lambda _: True,
}


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_we_decide_as_the_processor_does(held: Database, name: str) -> None:
    """Kept or not and by which policy: the same for every trace but where the README says otherwise."""
    theirs = SAID[name].split(" ")

    ours = [_in_its_words(decision) for decision in _ours(held, CONFIGURATIONS[name])]

    differ = [index for index, (our, their) in enumerate(zip(ours, theirs, strict=True)) if our != their]
    deviates = DEVIATIONS.get(name, lambda _: False)
    assert [(TRACES[at].trace_id, ours[at], theirs[at]) for at in differ if not deviates(TRACES[at])] == []
    assert bool(differ) == (name in DEVIATIONS)


@pytest.mark.parametrize("index", range(len(HASHES)))
def test_we_keep_the_traces_that_the_processor_keeps(index: int) -> None:
    """At every share and with every salt: of 4,000 trace ids exactly those that the processor sampled."""
    said = HASHES[index]
    theirs = bin(int("1" + said["kept"], 16))[3:]
    policy = Probabilistic("share", said["share"], said["salt"])

    ours = [
        policy.evaluate(facts(trace_ids=(TraceId(_md5(number)),)), Rates({})).vote.vote == "sampled"
        for number in range(len(theirs))
    ]

    assert "".join("01"[kept] for kept in ours) == theirs
    assert len(theirs) == 4000


def _md5(number: int) -> str:
    return hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest()
