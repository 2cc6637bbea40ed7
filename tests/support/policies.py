"""Policy sets from YAML text, as an operator writes them."""

import textwrap
from typing import cast

import yaml

from botlogs_collector.config.faults import Faults
from botlogs_collector.errors import ConfigError
from botlogs_collector.sample.policies import PolicySet, parse_policies
from botlogs_collector.sample.policy import Policy


def policy_set(text: str) -> PolicySet:
    """Return the policies of *text*, the YAML under `tail_sampling`, or raise ConfigError with every fault."""
    faults = Faults()
    parsed = parse_policies(cast("dict[str, object]", yaml.safe_load(textwrap.dedent(text)) or {}), faults)
    faults.raise_if_any()
    return parsed


def policy(text: str) -> Policy:
    """Return the one policy that *text*, one entry of `policies`, means."""
    raw = cast("dict[str, object]", yaml.safe_load(textwrap.dedent(text)))
    faults = Faults()
    parsed = parse_policies({"policies": [{"name": "p", **raw}]}, faults)
    faults.raise_if_any()
    return parsed.policies[0]


def faults_of(text: str) -> list[str]:
    """Return what is wrong with *text*, the YAML under `tail_sampling`; nothing: an empty list."""
    try:
        policy_set(text)
    except ConfigError as error:
        return error.faults
    return []
