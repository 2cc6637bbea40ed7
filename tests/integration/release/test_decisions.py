"""What is kept, what is dropped, and what can be done about it."""

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from botlogs_collector.errors import InvalidRequest, NotFound
from botlogs_collector.model.grant import Scope
from botlogs_collector.release.what_if import WhatIf
from tests.support.hold import HOUR, World, add_spans, new_id
from tests.support.policies import policy_set

DELAY_S = 15 * 60
ERRORS_ONLY = "policies: [{name: errors, type: status_code, status_code: {status_codes: [ERROR]}}]"


@pytest.fixture
def picky(world: World) -> World:
    """Return a world that keeps conversations with errors only."""
    world.policies = policy_set(ERRORS_ONLY)
    return world


def talk(world: World, *, error: bool = False, **options: str) -> str:
    """Let a conversation happen and end."""
    conversation = new_id()
    world.spans(conversation, 2, error=error, **options)
    world.event(conversation, body="the line")
    world.end(conversation)
    return conversation


def test_the_receipt_tells_every_vote(picky: World) -> None:
    """Kept or dropped, a receipt has the votes with their figures, the counts and the policies' hash."""
    good, bad = talk(picky), talk(picky, error=True)

    picky.after(DELAY_S)

    dropped, kept = picky.receipt(good), picky.receipt(bad)
    assert (dropped.status, dropped.decision.decided_by) == ("dropped", "none")
    assert (kept.status, kept.decision.decided_by) == ("released", "errors")
    assert [vote.vote for vote in dropped.decision.votes] == ["not_sampled"]
    assert all(vote.because for vote in (*dropped.decision.votes, *kept.decision.votes))
    assert (dropped.spans, dropped.log_events, dropped.errors) == (2, 2, 0)
    assert dropped.bytes > 0
    assert dropped.decision.policies_hash == kept.decision.policies_hash != ""


def test_late_rows_follow_the_decision(picky: World) -> None:
    """A span that comes after its episode was decided goes the way of the episode, and is counted."""
    good, bad = talk(picky), talk(picky, error=True)
    sent_ns = picky.clock.now_ns()
    picky.after(DELAY_S)
    picky.spans(good, start_ns=sent_ns - 10_000)
    picky.spans(bad, start_ns=sent_ns - 10_000)

    picky.after(2 * HOUR / 1e9)

    assert (picky.visible_spans(good), picky.visible_spans(bad)) == (0, 3)
    assert (picky.receipt(good).late_rows, picky.receipt(bad).late_rows) == (1, 1)
    assert (picky.receipt(good).spans, picky.receipt(bad).spans) == (3, 3)


def test_late_error_turns_a_drop_into_a_keep(picky: World) -> None:
    """An error that arrives after its conversation was dropped brings the whole conversation back."""
    conversation = talk(picky)
    sent_ns = picky.clock.now_ns()
    picky.after(DELAY_S)
    before = picky.receipt(conversation).status
    picky.spans(conversation, error=True, start_ns=sent_ns - 10_000)

    picky.after(2 * HOUR / 1e9)

    assert before == "dropped"
    assert picky.visible_spans(conversation) == 3
    assert picky.receipt(conversation).decision.decided_by == "late_error"


def test_a_grant_wins_over_every_policy(picky: World) -> None:
    """What a standing order covers is kept, and the receipt names the order."""
    user, other = new_id("user"), new_id("user")
    grant = picky.history.grant(
        Scope(user_id=user),
        from_unix_nano=None,
        until_unix_nano=picky.clock.now_ns() + HOUR,
        reason="case 17",
        by="ana",
    )
    granted, not_granted = talk(picky, user__id=user), talk(picky, user__id=other)

    picky.after(DELAY_S)

    assert (picky.visible_spans(granted), picky.visible_spans(not_granted)) == (2, 0)
    assert picky.receipt(granted).decision.decided_by == f"grant:{grant.grant_id}"
    audit = picky.database.rows("SELECT Action, By FROM botlogs.audit WHERE Subject = {s:String}", s=grant.grant_id)
    assert audit == [{"Action": "grant", "By": "ana"}]


def test_a_grant_covers_what_its_whole_scope_names(picky: World) -> None:
    """By bot, user, conversation, node and environment, alone or together: what matches is kept, the rest judged."""
    bot, user, node, conversation = new_id("bot"), new_id("user"), new_id("node"), new_id()
    scopes = {
        "bot": Scope(bot_id=bot),
        "user": Scope(user_id=user),
        "node": Scope(node_id=node),
        "conversation": Scope(conversation_id=conversation),
        "environment": Scope(environment="production", bot_id=f"{bot}-here"),
        "elsewhere": Scope(environment="canary", bot_id=f"{bot}-there"),
    }
    until_ns = picky.clock.now_ns() + HOUR
    granted = {
        name: picky.history.grant(scope, from_unix_nano=None, until_unix_nano=until_ns, reason=name, by="ana").grant_id
        for name, scope in scopes.items()
    }
    picky.spans(conversation)
    picky.end(conversation)
    talks = {
        "bot": talk(picky, bot=bot),
        "user": talk(picky, user__id=user),
        "node": talk(picky, bot__node__id=node),
        "conversation": conversation,
        "environment": talk(picky, bot=f"{bot}-here"),
        "elsewhere": talk(picky, bot=f"{bot}-there"),
        "nobody": talk(picky),
    }

    picky.after(DELAY_S)

    decided_by = {name: picky.receipt(each).decision.decided_by for name, each in talks.items()}
    assert decided_by == {
        **{name: f"grant:{granted[name]}" for name in scopes}, "elsewhere": "none", "nobody": "none",
    }  # fmt: skip


def test_a_grant_holds_from_and_until_its_times(picky: World) -> None:
    """It is about conversations that end from its beginning and before its end, and no others."""
    bot, now_ns = new_id("bot"), picky.clock.now_ns()
    picky.history.grant(
        Scope(bot_id=bot), from_unix_nano=now_ns + HOUR, until_unix_nano=now_ns + 2 * HOUR, reason="later", by="ana"
    )
    conversations: list[str] = []
    for _ in range(3):
        conversations.append(talk(picky, bot=bot))
        picky.clock.advance(HOUR / 1e9)

    picky.run()

    assert [picky.receipt(each).status for each in conversations] == ["dropped", "released", "dropped"]


def test_a_restores_audit_says_who_and_why(picky: World) -> None:
    """Restored, granted, revoked: each leaves one row with who did it, why, and about what."""
    conversation = talk(picky)
    picky.after(DELAY_S)
    user = new_id("user")
    until_ns = picky.clock.now_ns() + HOUR

    picky.history.restore(conversation, by="ana", reason="ticket 4")
    grant = picky.history.grant(
        Scope(user_id=user), from_unix_nano=None, until_unix_nano=until_ns, reason="case 17", by="ben"
    )
    picky.history.revoke(grant.grant_id, by="eve")

    rows = picky.database.rows(
        "SELECT Subject, Action, By, Reason FROM botlogs.audit WHERE Subject IN {s:Array(String)} ORDER BY Action",
        s=[conversation, grant.grant_id],
    )
    assert [tuple(row.values()) for row in rows] == [
        (grant.grant_id, "grant", "ben", "case 17"),
        (conversation, "restore", "ana", "ticket 4"),
        (grant.grant_id, "revoke", "eve", ""),
    ]


def test_a_revoked_grant_keeps_nothing_more(picky: World) -> None:
    """After its end a standing order covers nothing; revoking what is not there is said."""
    user = new_id("user")
    grant = picky.history.grant(
        Scope(user_id=user),
        from_unix_nano=None,
        until_unix_nano=picky.clock.now_ns() + HOUR,
        reason="case 17",
        by="ana",
    )
    picky.clock.advance(1)
    picky.history.revoke(grant.grant_id, by="ben")
    conversation = talk(picky, user__id=user)

    picky.after(DELAY_S)

    assert picky.visible_spans(conversation) == 0
    with pytest.raises(NotFound, match="no grant"):
        picky.history.revoke(grant.grant_id, by="ben")


@pytest.mark.parametrize(
    ("scope", "hours", "reason", "problem"),
    [
        (Scope(), 1, "why", "needs a scope"),
        (Scope(bot_id="b"), -1, "why", "until must lie"),
        (Scope(bot_id="b"), 1, " ", "needs a reason"),
    ],
)
def test_a_senseless_grant_is_refused(world: World, scope: Scope, hours: int, reason: str, problem: str) -> None:
    """A grant without scope, end or reason is not written, and the message says what is missing."""
    until = world.clock.now_ns() + hours * HOUR

    with pytest.raises(InvalidRequest, match=problem):
        world.history.grant(scope, from_unix_nano=None, until_unix_nano=until, reason=reason, by="ana")


def test_restore_brings_a_dropped_conversation_back_whole(picky: World) -> None:
    """One call, and the next round makes every span and line readable; who asked is on record."""
    conversation = talk(picky)
    picky.after(DELAY_S)
    before = picky.visible_spans(conversation)

    picky.history.restore(conversation, by="ana", reason="ticket 4")
    picky.after(2)

    lines = picky.database.rows(
        "SELECT count() AS n FROM botlogs.otel_logs WHERE ConversationId = {c:String}", c=conversation
    )
    assert (before, picky.visible_spans(conversation), lines) == (0, 2, [{"n": 2}])
    assert picky.receipt(conversation).status == "restored"
    assert picky.state(conversation) == "restored"
    audit = picky.database.rows("SELECT Action, Reason FROM botlogs.audit WHERE Subject = {s:String}", s=conversation)
    assert audit == [{"Action": "restore", "Reason": "ticket 4"}]


def test_restore_says_what_it_cannot_do(picky: World) -> None:
    """Unknown, kept or expired conversations are refused with the reason."""
    kept, dropped = talk(picky, error=True), talk(picky)
    picky.after(DELAY_S)

    with pytest.raises(NotFound):
        picky.history.restore("nobody", by="ana", reason="")
    with pytest.raises(InvalidRequest, match="not dropped"):
        picky.history.restore(kept, by="ana", reason="")
    picky.clock.advance(73 * 3600)
    with pytest.raises(InvalidRequest, match="out of the hold"):
        picky.history.restore(dropped, by="ana", reason="")


def test_what_if_tells_without_changing_anything(picky: World) -> None:
    """A replay of changed policies gives shares, losses and examples; receipts and readers notice nothing."""
    bot = new_id("bot")
    good, bad = talk(picky, bot=bot), talk(picky, bot=bot, error=True)
    picky.after(DELAY_S)
    before = (picky.receipt(good), picky.receipt(bad))
    inverse = policy_set("policies: [{name: fine, type: status_code, status_code: {status_codes: [UNSET, OK]}},"
                         " {name: no-errors, type: drop, drop: {drop_sub_policy: [{name: e, type: status_code,"
                         " status_code: {status_codes: [ERROR]}}]}}]")  # fmt: skip

    report = picky.what_if.replay(inverse, 24 * HOUR)

    assert (report.conversations, report.kept) == (2, 1)
    assert report.bytes > report.kept_bytes > 0
    assert {share.name: share.kept for share in report.by_policy} == {"fine": 1, "no-errors": 0}
    assert [example.conversation_id for example in report.lost_with_errors] == [bad]
    assert {(example.conversation_id, example.now, example.then) for example in report.examples} == {
        (good, "drop", "keep"), (bad, "keep", "drop"),
    }  # fmt: skip
    assert (picky.receipt(good), picky.receipt(bad)) == before
    assert picky.visible_spans(good) == 0


def test_a_what_if_judges_in_the_order_of_time_whatever_its_pages(world: World) -> None:
    """Rates give the same over many pages as over one, and the same as the engine gave in time."""
    world.policies = policy_set("policies: [{name: few, type: rate_limiting, rate_limiting: {spans_per_second: 1}}]")
    started_ns, bot = world.clock.now_ns(), new_id("bot")
    for _ in range(30):
        talk(world, bot=bot)
        world.clock.advance(1)
    world.after(DELAY_S)
    since_ns = world.clock.now_ns() - started_ns

    whole, paged = (
        WhatIf(world.hold, world.clock, 72 * HOUR, page).replay(world.policies, since_ns) for page in (1000, 4)
    )

    kept = world.database.rows(
        "SELECT count() AS n FROM botlogs.receipts FINAL WHERE BotId = {b:String} AND Decision = 'keep'", b=bot
    )
    assert whole == paged
    assert (whole.conversations, whole.kept) == (30, kept[0]["n"])
    assert 10 < whole.kept < 20
    assert whole.examples_total == 0


def test_a_what_if_counts_all_that_would_be_lost_and_shows_some(world: World) -> None:
    """However many conversations with errors a policy would lose, their number is told; examples are twenty."""
    bot = new_id("bot")
    request = ExportTraceServiceRequest()
    for _ in range(25):
        add_spans(request, new_id(), world.clock.now_ns(), 1, bot=bot, error=True)
    world.insert("traces", [request.SerializeToString()])
    world.after(45 * 60)

    report = world.what_if.replay(
        policy_set("policies: [{name: none, type: span_count, span_count: {min_spans: 2}}]"), 24 * HOUR
    )

    assert (report.lost_with_errors_total, len(report.lost_with_errors)) == (25, 20)
    assert (report.examples_total, len(report.examples)) == (25, 20)


def test_kept_rows_carry_their_weight(world: World) -> None:
    """Where one in ten is kept, each kept row says that it stands for ten."""
    world.policies = policy_set(
        "policies: [{name: tenth, type: probabilistic, probabilistic: {sampling_percentage: 10}}]"
    )
    bot = new_id("bot")
    # Fixed names have fixed trace ids: which of them the processor's hash keeps never changes.
    conversations = [f"weighed-{number}" for number in range(40)]
    request = ExportTraceServiceRequest()
    for conversation in conversations:
        add_spans(request, conversation, world.clock.now_ns(), 2, bot=bot)
    world.insert("traces", [request.SerializeToString()])

    world.after(45 * 60)

    kept = [conversation for conversation in conversations if world.visible_spans(conversation)]
    weights = world.database.rows("SELECT DISTINCT Weight FROM botlogs.otel_traces WHERE BotId = {b:String}", b=bot)
    totals = world.database.rows("SELECT sum(Spans) AS n FROM botlogs.totals WHERE BotId = {b:String}", b=bot)
    assert 0 < len(kept) < 40
    assert weights == [{"Weight": 10.0}]
    assert totals == [{"n": 80}]
    assert all(world.receipt(conversation).decision.weight == 10.0 for conversation in kept)


def test_rates_hold_across_engines(world: World) -> None:
    """A limit of one conversation an hour for each bot is one, however many engines come and go."""
    world.policies = policy_set("policies: [{name: one, type: per_key, per_key: {key: bot, per_hour: 1}}]")
    bot = new_id("bot")
    first = talk(world, bot=bot)
    world.after(DELAY_S)
    second = talk(world, bot=bot)
    world.after(60)

    world.after(DELAY_S)

    assert [world.visible_spans(conversation) for conversation in (first, second)] == [2, 0]
