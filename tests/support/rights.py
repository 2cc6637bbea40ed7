"""The embedded engine with the rights of one role: GRANTs, row policies and limits of `botlogs ddl --grants`.

The engine takes no CREATE USER, but a file of users, as a server's users.xml. Its one user gets what a role would have;
`maker` has everything, as whoever made the schema on a server: views that route what is inserted run with its rights.
"""

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from xml.sax.saxutils import escape

from botlogs_collector.store.access import grants

Role = Literal["botlogs_schema", "botlogs_engine", "botlogs_sender", "botlogs_reader", "botlogs_developer"]
_GRANT = re.compile(r"GRANT (.+) TO (\w+)")
_POLICY = re.compile(r"CREATE ROW POLICY .*? ON (\S+) FOR SELECT USING (.+) TO (.+)")
_PROFILE = re.compile(r"(?:CREATE|ALTER) SETTINGS PROFILE (?:IF NOT EXISTS )?(\w+)(?: SETTINGS (.+))? TO (.+)")
_LIMIT = re.compile(r"(\w+) = '?([\w.]+)'?")
_USERS = """<clickhouse><profiles><default>{limits}</default></profiles><quotas><default></default></quotas><users>
<default><password></password><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota>
{rights}</default>
<maker><no_password/><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota>
<access_management>1</access_management></maker>
</users></clickhouse>"""
_ASK = """
import chdb, json, sys
engine = chdb.connect(sys.argv[1])
for statement in sys.argv[2:]:
    try:
        answer = [False, str(engine.query(statement, "JSONEachRow"))]
    except Exception as error:
        answer = [True, str(error)]
    print(json.dumps(answer))
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the engine said to one statement: rows as JSON lines, or why not."""

    failed: bool
    text: str

    @property
    def refused(self) -> bool:
        """Whether a right was missing."""
        return self.failed and "ACCESS_DENIED" in self.text


def as_role(role: Role | None, folder: Path, *statements: str) -> list[Answer]:
    """Run *statements* on the stopped store in *folder* with the rights of *role*, all rights without; one process."""
    users, config = folder.parent / "users.xml", folder.parent / "config.xml"
    users.write_text(_users(role), encoding="utf-8")
    config.write_text(f"<clickhouse><users_config>{users}</users_config></clickhouse>", encoding="utf-8")
    command = [sys.executable, "-c", _ASK, f"{folder}?config-file={config}", *statements]
    lines = subprocess.run(command, capture_output=True, check=True, timeout=120, text=True).stdout.splitlines()
    return [Answer(*json.loads(line)) for line in lines]


def let_views_be_of_the_maker(folder: Path) -> None:
    """Let views that route what is inserted run with the rights of `maker`; who inserts needs none on their targets."""
    (found,) = as_role(None, folder, "SELECT database, name FROM system.tables WHERE engine = 'MaterializedView'")
    views = [json.loads(line) for line in found.text.splitlines()]
    assert views
    statements = [
        f"ALTER TABLE {view['database']}.{view['name']} MODIFY DEFINER = maker SQL SECURITY DEFINER" for view in views
    ]
    assert not [answer for answer in as_role(None, folder, *statements) if answer.failed]


def _users(role: Role | None) -> str:
    if role is None:
        return _USERS.format(limits="", rights="<access_management>1</access_management>")
    texts = grants(None)
    allowed = [found[1] for text in texts if (found := _GRANT.match(text)) and found[2] == role]
    queries = "".join(f"<query>GRANT {escape(each)}</query>" for each in allowed)
    return _USERS.format(limits=_limits(role, texts), rights=f"<grants>{queries}</grants>{_row_policies(role, texts)}")


def _row_policies(role: Role, texts: Sequence[str]) -> str:
    policies = [found for text in texts if (found := _POLICY.match(text)) and role in found[3].split(", ")]
    databases: dict[str, str] = {}
    for found in policies:
        database, _, table = found[1].partition(".")
        rule = f"<{table}><filter>{escape(found[2])}</filter></{table}>"
        databases[database] = databases.get(database, "") + rule
    inner = "".join(f"<{name}>{rules}</{name}>" for name, rules in databases.items())
    return f"<databases>{inner}</databases>"


def _limits(role: Role, texts: Sequence[str]) -> str:
    profiles = [found for text in texts if (found := _PROFILE.match(text))]
    mine = {found[1] for found in profiles if role in found[3].split(", ")}
    settings = [found[2] for found in profiles if found[1] in mine and found[2]]
    return "".join(f"<{name}>{value}</{name}>" for text in settings for name, value in _LIMIT.findall(text))
