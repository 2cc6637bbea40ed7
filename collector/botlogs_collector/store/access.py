"""Who may do what on a ClickHouse server: the statements of sql/access, for an administrator to run.

The embedded engine makes no users; there the query API is the only door. Statements can be repeated.
"""

import re

from botlogs_collector.store import statements
from botlogs_collector.store.placement import local_name, shard_keys

_ENTITY = re.compile(r"(?:CREATE|ALTER) (?:ROLE|SETTINGS PROFILE|QUOTA|ROW POLICY) (?:IF NOT EXISTS )?\w+")
_TABLE = re.compile(r" ON (botlogs\w*\.\w+) ")


def grants(cluster: str | None) -> list[str]:
    """Return every statement, in order; on a *cluster* for every node and for the tables behind Distributed ones.

    With the cluster's `<secret>` set, each shard checks the rights of whoever asked, and applies the row policies.
    """
    plain = [statement for name in statements.access_names() for statement in statements.access_statements(name)]
    return [statement for one in plain for statement in (_everywhere(one, cluster) if cluster else [one])]


def _everywhere(statement: str, cluster: str) -> list[str]:
    if statement.startswith("GRANT"):
        on_all = statement.replace("GRANT", f"GRANT ON CLUSTER '{cluster}'", 1)
    else:
        on_all = _ENTITY.sub(rf"\g<0> ON CLUSTER '{cluster}'", statement, count=1)
    table = _TABLE.search(on_all)
    if not table or table[1] not in shard_keys():
        return [on_all]
    return [on_all, on_all.replace(table[0], f" ON {local_name(table[1])} ", 1)]
