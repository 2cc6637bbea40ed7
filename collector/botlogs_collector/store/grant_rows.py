"""Grants as rows of botlogs.grants; every change leaves an audit row, written first: no crash leaves one without."""

import json
from collections.abc import Sequence

from botlogs_collector.model.grant import Grant, Scope
from botlogs_collector.store.client import Database, Row

_COLUMNS = (
    "GrantId", "BotId", "ConversationId", "UserId", "NodeId", "Environment",
    "FromAt", "UntilAt", "Reason", "GrantedBy", "RevokedBy", "Version",
)  # fmt: skip


def active(database: Database, now_ns: int) -> list[Grant]:
    """Return the grants that are not revoked and expired less than a week before *now_ns*."""
    return [_grant(row) for row in database.query("grants_active", now_ns=now_ns)]


def add(database: Database, grant: Grant, now_ns: int) -> None:
    """Write *grant* and its audit row."""
    audit(database, "grant", by=grant.by, subject=grant.grant_id, reason=grant.reason, now_ns=now_ns)
    database.insert("botlogs.grants", [_row(grant, "", now_ns)], _COLUMNS)


def revoke(database: Database, grant: Grant, by: str, now_ns: int) -> None:
    """Write that *grant* is over from now on, and its audit row."""
    audit(database, "revoke", by=by, subject=grant.grant_id, reason="", now_ns=now_ns)
    database.insert("botlogs.grants", [_row(grant, by or "unknown", now_ns)], _COLUMNS)


def audit(
    database: Database, action: str, *, by: str, subject: str, reason: str, now_ns: int, **detail: object
) -> None:
    """Write one row of botlogs.audit: who did what to what, and why."""
    row = [now_ns, action, by, subject, reason, json.dumps(detail)]
    database.insert("botlogs.audit", [row], ("At", "Action", "By", "Subject", "Reason", "Detail"))


def _row(grant: Grant, revoked_by: str, version: int) -> Sequence[object]:
    scope = grant.scope
    return [
        grant.grant_id, scope.bot_id, scope.conversation_id, scope.user_id, scope.node_id, scope.environment,
        grant.from_unix_nano, grant.until_unix_nano, grant.reason, grant.by, revoked_by, version,
    ]  # fmt: skip


def _grant(row: Row) -> Grant:
    return Grant(
        grant_id=row["GrantId"],
        scope=Scope(
            bot_id=row["BotId"],
            conversation_id=row["ConversationId"],
            user_id=row["UserId"],
            node_id=row["NodeId"],
            environment=row["Environment"],
        ),
        from_unix_nano=row["FromUnixNano"],
        until_unix_nano=row["UntilUnixNano"],
        reason=row["Reason"],
        by=row["GrantedBy"],
    )
