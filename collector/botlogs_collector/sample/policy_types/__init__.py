"""How each policy type's block is read: one short function a type."""

from botlogs_collector.sample.policy_types.combining import COMBINING_TYPES, LEAF_TYPES
from botlogs_collector.sample.policy_types.parsing import Parsing

__all__ = ["COMBINING_TYPES", "LEAF_TYPES", "Parsing"]
