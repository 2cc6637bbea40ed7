"""Routes on a cluster: every node knows them before a row arrives; one that does not would hide its rows for good."""

import threading
from collections.abc import Mapping

from botlogs_collector.errors import StartError
from botlogs_collector.store.client import Database
from botlogs_collector.store.placement import ROUTES_REFRESH_S

_EVERY_S = 0.5


def await_routes(database: Database, cluster: str, routes: Mapping[str, tuple[str, bool]]) -> None:
    """Return when every node routes each name to its environment, live or not; each refreshes at intervals.

    Raises:
        StartError: some node still does not after three intervals.
    """
    tries = round(3 * ROUTES_REFRESH_S / _EVERY_S)
    for _ in range(tries):
        if not _missing(database, cluster, routes):
            return
        database.command("SYSTEM REFRESH VIEW botlogs.routes_of_environments")  # of this node, at once
        threading.Event().wait(_EVERY_S)
    msg = (
        f"storage.cluster: after {3 * ROUTES_REFRESH_S} s some node of {cluster!r} lacks routes (botlogs.routes); "
        "look at system.view_refreshes and system.replicas of each node for what stops it, then start again"
    )
    raise StartError(msg)


def _missing(database: Database, cluster: str, routes: Mapping[str, tuple[str, bool]]) -> int:
    (row,) = database.query(
        "routes_missing",
        cluster=cluster,
        names=list(routes),
        environments=[environment for environment, _ in routes.values()],
        live=[live for _, live in routes.values()],
    )
    return int(row["Missing"])
