"""Tokens and their file: hashes alone, faults by name, nobody in by a guess."""

import stat
from pathlib import Path

import pytest

from botlogs_collector.access.principal import RIGHTS, ROLES, Principal, Role, current, enter
from botlogs_collector.access.token import make_token
from botlogs_collector.access.tokens_file import Tokens, load_tokens, save_tokens
from botlogs_collector.clock import ManualClock
from botlogs_collector.errors import BotLogsError, ConfigError, Forbidden, Unauthenticated
from tests.support.guards import keys, open_guard

SENDER: frozenset[Role] = frozenset({"sender"})


def test_a_token_is_known_by_its_text_alone(tmp_path: Path) -> None:
    """The right text is its principal; any other, however near, is nobody."""
    known = keys(tmp_path / "tokens", ana=["analyst", "bot:shop"])
    token = known.tokens["ana"]

    principal = known.guard.principal(f"Bearer {token}")

    assert (principal.name, principal.roles, principal.bots) == ("ana", {"analyst"}, {"shop"})
    last = "A" if token[-1] != "A" else "B"
    for wrong in (token[:-1] + last, token[:-1], token + "A", token.upper(), token[3:], "", "bl__"):
        with pytest.raises(Unauthenticated):
            known.guard.principal(f"Bearer {wrong}")
    for shown in (None, token, f"Basic {token}", "Bearer"):
        with pytest.raises(Unauthenticated):
            known.guard.principal(shown)


def test_the_file_holds_no_token_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    """What is kept is a hash, in a file of mode 600; it comes back as it was."""
    text, kept = make_token("bot", SENDER, frozenset({"shop"}), now_s=1_700_000_000, expires_unix_s=1_800_000_000)
    tokens = Tokens().with_token(kept)
    file = tmp_path / "folder" / "tokens.yaml"

    save_tokens(file, tokens)

    assert text not in file.read_text()
    assert text.rpartition("_")[2] not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert load_tokens(file) == tokens
    assert [path.name for path in file.parent.iterdir()] == ["tokens.yaml"]


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """Its secret signs sessions: it is nobody else's business."""
    file = tmp_path / "tokens.yaml"
    save_tokens(file, Tokens())
    file.chmod(0o644)

    with pytest.raises(ConfigError, match="chmod 600"):
        load_tokens(file)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[]", "must be a mapping"),
        ("{", "is not YAML"),
        ("secret: xyz", "must be hexadecimal"),
        ("tokens: {a: 1}", "tokens: must be a list"),
        ("tokens: [1]", "tokens[0]: must be a mapping"),
        ("tokens: [{id: a, name: b, sha256: c, roles: [boss]}]", "unknown role 'boss'; known are sender"),
        ("tokens: [{id: a, name: b, sha256: c}]", "a token needs a role"),
        ("tokens: [{id: a, name: b, sha256: c, roles: [sender], bot: [x]}]", "did you mean 'bots'"),
        ("tokens: [{id: a, name: b, sha256: c, roles: [sender], bots: x}]", "bots must be a list of texts"),
        ("tokens: [{id: a, name: b, sha256: c, roles: [sender], expires: soon}]", "soon"),
        ("tokens: [{name: b, sha256: c, roles: [sender]}]", "id must be text"),
    ],
)
def test_a_faulty_file_says_what_is_wrong(tmp_path: Path, text: str, fault: str) -> None:
    """Every fault names the file and the line; never a traceback."""
    file = tmp_path / "tokens.yaml"
    file.write_text(text)
    file.chmod(0o600)

    with pytest.raises(ConfigError) as caught:
        load_tokens(file)

    assert fault in str(caught.value)
    assert str(file) in str(caught.value)


def test_a_token_ends_when_it_expires(tmp_path: Path) -> None:
    """A token made for a time is good until then, and a session made with it, too."""
    clock = ManualClock()
    known = keys(tmp_path / "tokens", clock)
    text, kept = make_token("temp", frozenset({"analyst"}), now_s=0, expires_unix_s=clock.now_ns() // 10**9 + 60)
    save_tokens(tmp_path / "tokens", Tokens().with_token(kept))
    known.guard.load()
    session, _ = known.guard.session_for(text)

    assert known.guard.principal(None, session).name == "temp"
    clock.advance(60)

    for shown in ((f"Bearer {text}", None), (None, session)):
        with pytest.raises(Unauthenticated):
            known.guard.principal(*shown)


def test_a_session_is_signed_and_ends(tmp_path: Path) -> None:
    """A session changed by one character, of another service, or older than half a day is none."""
    clock = ManualClock()
    known = keys(tmp_path / "tokens", clock, ana=["analyst"], eve=["analyst"])
    other = keys(tmp_path / "other", clock, ana=["analyst"])
    session, _ = known.guard.session_for(known.tokens["ana"])
    eve, _ = known.guard.session_for(known.tokens["eve"])
    foreign, _ = other.guard.session_for(other.tokens["ana"])
    mixed = f"{session.partition('.')[0]}.{eve.partition('.')[2]}"

    assert known.guard.principal(None, session).name == "ana"
    for wrong in (session[:-1] + ("0" if session[-1] != "0" else "1"), foreign, mixed, "", "a.b.c", "..", "é.1.2"):
        with pytest.raises(Unauthenticated):
            known.guard.principal(None, wrong)
    clock.advance(12 * 3600)
    with pytest.raises(Unauthenticated):
        known.guard.principal(None, session)


def test_a_removed_token_is_nobody_after_the_file_is_read_again(tmp_path: Path) -> None:
    """What is removed from the file ends with the next reading, its sessions too; a faulty file changes nothing."""
    file = tmp_path / "tokens"
    known = keys(file, ana=["analyst"])
    session, _ = known.guard.session_for(known.tokens["ana"])
    good = file.read_text()

    file.write_text("tokens: 7")
    with pytest.raises(ConfigError):
        known.guard.load()
    assert known.guard.principal(None, session).name == "ana"
    file.write_text(good)
    save_tokens(file, load_tokens(file).without("ana")[0])
    known.guard.load()

    for shown in ((f"Bearer {known.tokens['ana']}", None), (None, session)):
        with pytest.raises(Unauthenticated):
            known.guard.principal(*shown)


def test_a_file_that_has_gone_lets_nobody_in(tmp_path: Path) -> None:
    """A tokens file deleted under a running service is no open door, and no new first token."""
    known = keys(tmp_path / "tokens", ana=["analyst"])
    (tmp_path / "tokens").unlink()

    known.guard.load()

    with pytest.raises(Unauthenticated):
        known.guard.principal(f"Bearer {known.tokens['ana']}")
    assert not known.guard.is_open
    assert known.guard.first_token is None


def test_nobody_came_through_no_door() -> None:
    """A call that nothing has let in is nobody's, even where no tokens are configured."""
    with pytest.raises(Unauthenticated):
        current()


def test_without_tokens_everybody_may_everything() -> None:
    """On one's own machine nothing is asked."""
    principal = open_guard().principal(None)

    assert principal.roles == set(ROLES)
    assert principal.sees_live is None
    assert not principal.masks(is_live=False)


@pytest.mark.parametrize(
    ("roles", "live", "released", "masked", "seen"),
    [
        ("sender", False, False, True, None),
        ("developer", True, False, True, True),
        ("analyst", False, True, True, False),
        ("developer analyst", True, True, True, None),
        ("investigator", True, True, False, None),
        ("operator", False, False, True, None),
        ("operator developer", True, False, True, None),
    ],
)
def test_roles_add_up(roles: str, live: bool, released: bool, masked: bool, seen: bool | None) -> None:
    """Each role allows what it says and nothing else; several allow all that each of them does."""
    principal = Principal(name="p", roles=frozenset(roles.split()))  # pyright: ignore[reportArgumentType]

    def may(is_live: bool) -> bool:
        try:
            principal.demand_content(is_live=is_live)
        except Forbidden:
            return False
        return True

    assert (may(True), may(False)) == (live, released)
    assert principal.masks(is_live=False) is masked
    assert principal.sees_live is seen
    assert principal.may("list") is (roles != "sender")


def test_only_the_roles_meant_may_change_anything() -> None:
    """Grants and restores take an investigator, sending a sender, metrics an operator."""
    who = {
        right: {role for role in ROLES if right in RIGHTS[role]} for right in ("grant", "send", "operate", "unmasked")
    }

    assert who == {
        "grant": {"investigator"}, "send": {"sender"}, "operate": {"operator"}, "unmasked": {"investigator"},
    }  # fmt: skip


def test_errors_do_not_repeat_what_was_shown(tmp_path: Path) -> None:
    """A refusal never holds the token or the session that was refused."""
    known = keys(tmp_path / "tokens", ana=["analyst"])
    wrong = "bl_0123456789ab_" + "x" * 43

    for shown in ((f"Bearer {wrong}", None), (None, wrong), (wrong, None)):
        with pytest.raises(BotLogsError) as caught:
            known.guard.principal(*shown)
        assert wrong not in str(caught.value)


def test_who_asks_is_known_in_its_own_task() -> None:
    """Saying who asks counts for the task that says it."""
    import contextvars

    principal = Principal(name="p", roles=frozenset({"analyst"}))

    def ask() -> Principal:
        enter(principal)
        return current()

    assert contextvars.copy_context().run(ask) is principal
    with pytest.raises(Unauthenticated):
        current()
