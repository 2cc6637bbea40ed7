"""The demo's conversations at an official OTLP receiver: those that may be read, whole; of all others not a word."""

from collections.abc import Generator

import pytest

from tests.support.demo_bots import Story, Telemetry, by_trace, demo_config, let_them_talk
from tests.support.otlp_receiver import otlp_receiver
from tests.support.processes import until
from tests.support.service import Service

Arrived = dict[bytes, Telemetry]


@pytest.fixture(scope="module")
def forwarded(tmp_path_factory: pytest.TempPathFactory) -> Generator[tuple[Story, Arrived]]:
    """The demo's first users in all environments, and what arrived behind the service."""
    folder = tmp_path_factory.mktemp("demo-forwarded")
    with otlp_receiver() as receiver:
        config = demo_config(folder / "botlogs.yaml", {"name": "official", "endpoint": receiver.endpoint})
        with Service(folder / "data", {"BOTLOGS_CONFIG": str(config)}) as service:
            story = let_them_talk(service)
            until(lambda: not story.not_whole(by_trace(receiver.taken)))
            yield story, by_trace(receiver.taken)


def test_every_readable_conversation_of_the_demo_arrives_whole(forwarded: tuple[Story, Arrived]) -> None:
    """Sandbox, staging and released production: every span and log record, field for field, and no other."""
    story, arrived = forwarded

    environments = {found["environment"] for _, found in story.told if found["state"] in ("live", "released")}
    assert environments == {"sandbox", "staging", "production"}
    assert all(conversation.sent.spans and conversation.sent.records for conversation, _ in story.told)
    assert story.not_whole(arrived) == []


def test_not_a_word_of_a_held_or_dropped_conversation_arrives(forwarded: tuple[Story, Arrived]) -> None:
    """The one that waits for 15 minutes, and those that the demo's policies drop."""
    story, arrived = forwarded

    assert {found["environment"] for _, found in story.told} > {"production-15m"}
    assert story.of("dropped")
    assert story.leaked(arrived) == []


def test_what_arrives_of_production_is_one_tree_that_says_its_weight(forwarded: tuple[Story, Arrived]) -> None:
    """One root each, made if none was sent; `ot=th:` where a conversation stands for more than itself, else nothing."""
    story, arrived = forwarded

    assert story.of("released")
    assert story.odd_trees(arrived) == []
