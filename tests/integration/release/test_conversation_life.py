"""When a conversation ends, and when it can be read."""

from tests.support.hold import HOUR, MINUTE, SECOND, World, new_id

DELAY_S = 15 * 60
IDLE_S = 30 * 60


def test_signalled_end_releases_after_the_delay_and_not_before(world: World) -> None:
    """A conversation that says it is over is readable 15 minutes later, to the second, and not earlier."""
    conversation = new_id()
    world.spans(conversation, 3)
    world.end(conversation)
    ended_ns = world.clock.now_ns()

    world.after(DELAY_S - 1)
    early = world.visible_spans(conversation)
    world.after(1)

    assert early == 0
    assert world.visible_spans(conversation) == 3
    receipt = world.receipt(conversation)
    assert (receipt.end_rule, receipt.status) == ("signal", "released")
    assert receipt.ended_unix_nano == ended_ns
    assert receipt.available_unix_nano == ended_ns + 15 * MINUTE


def test_silence_ends_a_conversation(world: World) -> None:
    """Without a signal a conversation ends when nothing was received for the idle time."""
    conversation = new_id()
    world.spans(conversation)
    world.clock.advance(IDLE_S - 60)
    world.spans(conversation)
    last_ns = world.clock.now_ns()

    world.after(IDLE_S + DELAY_S - 1)
    early = world.visible_spans(conversation)
    world.after(1)

    assert early == 0
    assert world.visible_spans(conversation) == 2
    assert world.receipt(conversation).end_rule == "idle"
    assert world.receipt(conversation).ended_unix_nano == last_ns + 30 * MINUTE


def test_activity_after_the_end_moves_the_end(world: World) -> None:
    """A user who comes back before the release keeps the conversation closed until it ends again."""
    conversation = new_id()
    world.spans(conversation)
    world.end(conversation)
    world.clock.advance(10 * 60)
    world.spans(conversation)

    world.after(6 * 60)
    moved = world.visible_spans(conversation)
    world.after(IDLE_S + DELAY_S)

    assert moved == 0
    assert world.visible_spans(conversation) == 2
    assert world.receipt(conversation).end_rule == "idle"


def test_stragglers_do_not_resume_an_ended_conversation(world: World) -> None:
    """Spans that a batching exporter sends seconds after the end mark come out with the rest."""
    conversation = new_id()
    world.end(conversation)
    world.clock.advance(5)
    world.spans(conversation, 2)

    world.after(DELAY_S)

    assert world.visible_spans(conversation) == 2
    assert world.receipt(conversation).end_rule == "signal"


def test_a_conversation_that_never_rests_ends_by_age(world: World) -> None:
    """After the maximum age an episode ends though the user goes on; what came later stays held."""
    conversation = new_id()
    started_ns = world.clock.now_ns()
    for _ in range(73):  # 24 h 20 min, every 20 minutes
        world.spans(conversation)
        world.clock.advance(20 * 60)

    world.run()

    receipt = world.receipt(conversation)
    assert receipt.end_rule == "max_age"
    assert receipt.ended_unix_nano == started_ns + 24 * HOUR
    assert world.visible_spans(conversation) == 73


def test_activity_after_the_release_is_a_new_episode(world: World) -> None:
    """What a user says after the release is held again, with an end, a delay and a receipt of its own."""
    conversation = new_id()
    world.spans(conversation)
    world.end(conversation)
    world.after(DELAY_S)
    world.clock.advance(60)
    world.spans(conversation, 2)
    before = world.visible_spans(conversation)

    world.after(DELAY_S)
    still = world.visible_spans(conversation)
    world.after(IDLE_S)

    assert (before, still) == (1, 1)
    assert world.visible_spans(conversation) == 3
    assert [(r.episode, r.end_rule, r.spans) for r in world.receipts(conversation)] == [
        (1, "signal", 1),
        (2, "idle", 2),
    ]


def test_traces_that_share_a_conversation_id_are_one_conversation(world: World) -> None:
    """A trace a turn: the conversation is held until its last turn's time has come, and has one receipt."""
    conversation = new_id()
    for turn in range(3):
        world.spans(conversation, trace=f"{conversation}-{turn}")
        world.clock.advance(20 * 60)

    world.after(IDLE_S - 20 * 60 + DELAY_S - 1)
    early = world.visible_spans(conversation)
    world.after(1)

    assert early == 0
    assert world.visible_spans(conversation) == 3
    assert len(world.receipt(conversation).trace_ids) == 3


def test_a_senders_clock_decides_nothing(world: World) -> None:
    """Timestamps of tomorrow or of 1970 change neither the end nor the release."""
    past, future = new_id(), new_id()
    world.spans(past, start_ns=1)
    world.spans(future, start_ns=world.clock.now_ns() + 24 * HOUR)

    world.after(IDLE_S + DELAY_S - 1)
    early = (world.visible_spans(past), world.visible_spans(future))
    world.after(1)

    assert early == (0, 0)
    assert (world.visible_spans(past), world.visible_spans(future)) == (1, 1)


def test_the_collectors_clock_may_jump(world: World) -> None:
    """An hour back and forth makes nothing readable early, loses nothing and releases everything once."""
    conversation = new_id()
    world.spans(conversation, 2)
    world.end(conversation)
    now_ns = world.clock.now_ns()

    world.clock.set_wall(now_ns - HOUR)
    world.run()
    back = world.visible_spans(conversation)
    world.clock.set_wall(now_ns + 14 * MINUTE)
    world.run()
    early = world.visible_spans(conversation)
    world.clock.set_wall(now_ns + HOUR)
    world.run()
    world.clock.set_wall(now_ns - HOUR)
    world.run()

    assert (back, early) == (0, 0)
    assert (world.visible_spans(conversation), world.stored_spans(conversation)) == (2, 2)
    assert len(world.receipts(conversation)) == 1


def test_a_clock_set_forward_releases_nothing_before_its_time(world: World) -> None:
    """An hour ahead, what has just ended stays hidden; it comes out when its delay has truly passed."""
    engine, conversation = world.engine(), new_id()
    world.spans(conversation, 2)
    world.end(conversation)

    world.clock.set_wall(world.clock.now_ns() + HOUR)
    engine.run_round()
    jumped = world.visible_spans(conversation)
    world.clock.advance(DELAY_S - 60)
    engine.run_round()
    early = world.visible_spans(conversation)
    world.clock.advance(120)
    engine.run_round()

    assert (jumped, early) == (0, 0)
    assert world.visible_spans(conversation) == 2


def test_a_clock_that_stays_ahead_is_believed_in_the_end(world: World) -> None:
    """What arrives after an hour's jump that lasts is released too, an hour later at most."""
    engine, conversation = world.engine(), new_id()
    world.clock.set_wall(world.clock.now_ns() + HOUR)
    engine.run_round()
    world.spans(conversation, 2)
    world.end(conversation)

    world.clock.advance(DELAY_S + 60)
    engine.run_round()
    waiting = world.visible_spans(conversation)
    world.clock.advance(3600)
    engine.run_round()

    assert (waiting, world.visible_spans(conversation)) == (0, 2)


def test_unknown_environment_is_held_and_says_so(world: World) -> None:
    """A conversation without a known environment counts as production, and its receipt tells."""
    without, unknown = new_id(), new_id()
    world.spans(without, environment="")
    world.spans(unknown, environment="qa-7")

    states = (world.state(without), world.state(unknown))
    world.after(IDLE_S + DELAY_S)

    assert states == ("ongoing", "ongoing")
    assert world.receipt(without).environment_given is False
    assert world.receipt(unknown).environment_given is True
    assert world.receipt(unknown).environment == "production"


def test_live_environments_are_readable_at_once(world: World) -> None:
    """Sandbox is readable the moment it is stored, and has no receipt."""
    conversation = new_id()

    world.spans(conversation, 2, environment="dev")

    assert world.visible_spans(conversation) == 2
    assert world.state(conversation) == "live"
    assert world.receipts(conversation) == []


def test_states_tell_the_truth(world: World) -> None:
    """Ongoing, then held, then released: each at its time."""
    conversation = new_id()
    world.spans(conversation)
    ongoing = world.state(conversation)
    world.end(conversation)
    world.clock.advance(SECOND / SECOND)
    held = world.state(conversation)
    world.after(DELAY_S)

    assert (ongoing, held, world.state(conversation)) == ("ongoing", "held", "released")


def test_what_outlived_the_hold_is_marked_incomplete(world: World) -> None:
    """A conversation decided after the hold's retention has reached its first rows says so on its receipt."""
    whole, partial = new_id(), new_id()
    world.spans(partial)
    world.clock.advance(73 * 3600 - IDLE_S)
    world.spans(whole)

    world.after(IDLE_S + DELAY_S)

    assert world.receipt(whole).complete is True
    assert world.receipt(partial).complete is False
