"""A round of the release engine ends: however much becomes due meanwhile, and when the service stops."""

from tests.support.hold import World, new_id

DELAY_S = 15 * 60


class _TimeFlies:
    """A real hold over which the clock moves on by a minute with every batch that was written."""

    def __init__(self, world: World) -> None:
        self._world = world

    def __getattr__(self, name: str) -> object:
        return getattr(self._world.hold, name)

    def write_receipts(self, *arguments: object) -> None:
        self._world.hold.write_receipts(*arguments)  # pyright: ignore[reportArgumentType]
        self._world.clock.advance(60)


def test_what_becomes_due_during_a_round_waits_for_the_next(world: World) -> None:
    """A store where something becomes due all the time does not keep its engine in one round for ever."""
    now, later = new_id("now"), new_id("later")
    for conversation in (now, later):
        world.spans(conversation)
        world.end(conversation)
        world.clock.advance(30)
    world.clock.advance(DELAY_S - 50)

    decided = world.engine(_TimeFlies(world)).run_round()  # pyright: ignore[reportArgumentType]
    visible = (world.visible_spans(now), world.visible_spans(later))
    world.run()

    assert (decided, visible) == (1, (1, 0))
    assert world.visible_spans(later) == 1


def test_a_stopping_service_waits_for_one_batch_not_for_all_that_is_due(world: World) -> None:
    """The batch under way is finished; the rest is as it was, for the next start."""
    world.batch = 1
    conversations = [new_id() for _ in range(3)]
    for conversation in conversations:
        world.spans(conversation)
        world.end(conversation)
    world.clock.advance(DELAY_S)
    answers = iter([True, False])

    decided = world.engine().run_round(lambda: next(answers))

    assert decided == 1
    assert sorted(world.state(conversation) for conversation in conversations) == ["held", "held", "released"]
