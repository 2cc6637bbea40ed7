"""Who may do what on a server: readers see what is released and nothing else, by the server's own rules."""

import re

import pytest

from botlogs_collector.config.settings import Storage
from botlogs_collector.store.access import grants
from botlogs_collector.store.migrate import ddl
from botlogs_collector.store.placement import shard_keys

_GRANT = re.compile(r"GRANT (?:ON CLUSTER '\w+' )?(.+) ON (\S+) TO (\w+)")
_POLICY = re.compile(r"CREATE ROW POLICY .*? ON (\S+) FOR SELECT USING (.+) TO (.+)")
_READERS = ("botlogs_reader", "botlogs_developer")


def granted(role: str, cluster: str | None = None) -> dict[str, str]:
    """Return the rights of *role*, by what they are on."""
    return {found[2]: found[1] for text in grants(cluster) if (found := _GRANT.match(text)) and found[3] == role}


@pytest.mark.parametrize("role", _READERS)
def test_readers_have_no_right_but_to_read_and_none_on_the_hold(role: str) -> None:
    """Not on what arrives, not on what is held, not on grants and audit."""
    rights = granted(role)

    assert set(rights.values()) == {"SELECT"}
    assert all(on.startswith("botlogs.") and "*" not in on for on in rights)
    assert not rights.keys() & {"botlogs.grants", "botlogs.audit", "botlogs.routes", "botlogs.schema_version"}


@pytest.mark.parametrize("role", _READERS)
def test_readers_can_use_the_views_that_they_were_given(role: str) -> None:
    """A view runs with its reader's rights, so every table behind it is granted too; and each exists."""
    texts = {name[1]: text for text in ddl(Storage()) if (name := re.match(r"CREATE \D+? IF NOT EXISTS (\S+)", text))}

    for on in granted(role):
        assert on in texts
        if texts[on].startswith("CREATE VIEW"):
            behind = set(re.findall(r"\b(?:FROM|JOIN) (botlogs\w*\.\w+)", texts[on]))
            assert behind <= granted(role).keys(), on


def test_every_table_with_a_policy_has_one_for_everybody_who_may_read_it() -> None:
    """A role without a policy would see nothing, or everything, by a setting of the server."""
    policies = [found for text in grants(None) if (found := _POLICY.match(text))]
    tables = {found[1] for found in policies}

    assert {"botlogs.otel_traces", "botlogs.otel_logs"} <= tables
    for table in tables:
        named = {role for found in policies if found[1] == table for role in found[3].split(", ")}
        assert named == {"botlogs_reader", "botlogs_developer", "botlogs_engine", "botlogs_schema"}, table
    for table in ("botlogs.otel_traces", "botlogs.otel_logs"):
        rules = {found[3]: found[2] for found in policies if found[1] == table}
        assert (rules["botlogs_reader"], rules["botlogs_developer"]) == ("VisibleAt <= now64(9)", "Live")


def test_a_sender_may_only_insert_where_exporters_insert() -> None:
    """It cannot read back what it sent; the routes are names of environments."""
    rights = granted("botlogs_sender")

    assert {on for on, right in rights.items() if right == "INSERT"} == {
        f"botlogs_ingest.{kind}_{signal}" for kind in ("otel", "otlp") for signal in ("traces", "logs")
    }
    assert {on for on, right in rights.items() if right != "INSERT"} == {"botlogs.routes"}


def test_rows_on_a_shard_are_guarded_as_what_stands_before_them() -> None:
    """Rights and row policies hold for the local tables too: each shard asks who reads."""
    for role in _READERS:
        rights = granted(role, "main")
        assert {f"{on}_local" for on in rights if on in shard_keys()} <= rights.keys()
    policies = {found[1] for text in grants("main") if (found := _POLICY.match(text))}
    assert {f"{table}_local" for table in policies if table in shard_keys()} <= policies


def test_every_role_has_limits_or_may_do_little() -> None:
    """Readers and senders have a profile and a quota each."""
    text = "\n".join(grants(None))

    for role in ("botlogs_reader", "botlogs_sender"):
        assert re.search(rf"CREATE SETTINGS PROFILE IF NOT EXISTS {role} SETTINGS .* TO {role};?$", text, re.MULTILINE)
        assert re.search(rf"CREATE QUOTA IF NOT EXISTS {role} KEYED BY user_name .* TO {role};?$", text, re.MULTILINE)
    assert "readonly = 1" in text
