"""The policies that a what-if asks about: a list, or the text of a policy file as somebody keeps it.

A file may be ours (`tail_sampling:` at the top), an OpenTelemetry collector's (`processors:` /
`tail_sampling:`), or what stands below either.
"""

from collections.abc import Mapping
from typing import Final, cast

import yaml

from botlogs_collector.config.faults import Faults
from botlogs_collector.errors import InvalidRequest
from botlogs_collector.sample.policies import PolicySet, parse_policies

_WANTED: Final = "a policy file holds `policies`, under `tail_sampling` or alone"
_PROCESSOR: Final = "tail_sampling"


def policies_of(fields: Mapping[str, object]) -> PolicySet:
    """Return the policies that *fields* give under `policies` or as text under `policy_file`.

    Raises:
        InvalidRequest: with every fault, each with its path and the nearest known key.
    """
    text = fields.get("policy_file")
    if text is not None and "policies" in fields:
        raise InvalidRequest("give policies or policy_file, not both")
    section = {"policies": fields.get("policies", [])} if text is None else _section(text)
    faults = Faults()
    policies = parse_policies(section, faults, "")
    if faults.lines:
        raise InvalidRequest("; ".join(faults.lines))
    return policies


def _section(text: object) -> Mapping[str, object]:
    """Return the mapping that holds the policies in the text of a file."""
    if not isinstance(text, str):
        raise InvalidRequest("policy_file must be the text of a YAML file")
    found = _parsed(text)
    if isinstance(found, list):
        return {"policies": cast("list[object]", found)}
    section = _under(found, "processors")
    name = next((key for key in section if key.partition("/")[0] == _PROCESSOR), "")
    section = _under(section, name)
    if "policies" not in section:
        raise InvalidRequest(f"policy_file has no policies: {_WANTED}")
    return section


def _under(found: object, key: str) -> Mapping[str, object]:
    """Return what stands under *key*, or *found* itself where there is no such key."""
    if not isinstance(found, dict):
        raise InvalidRequest(f"policy_file is not a mapping: {_WANTED}")
    mapping = cast("Mapping[object, object]", found)
    if key in mapping:
        return _under(mapping[key], "")
    return {str(name): value for name, value in mapping.items()}


def _parsed(text: str) -> object:
    try:
        # An anchor used twice at each level is a file of 300 bytes and a tree of gigabytes.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.SafeLoader)):
            raise InvalidRequest("policy_file uses YAML aliases (*name); write out what they stand for")
        return cast("object", yaml.safe_load(text))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        said = " ".join(str(error).split())
        raise InvalidRequest(f"policy_file is not YAML: {said[:300]}") from None
