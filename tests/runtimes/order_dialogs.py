"""What both packages of dialogs must show of the same bot: `OrderDialog` of their `bot.py`, driven the same way."""

from __future__ import annotations

from tests.runtimes.conftest import Driven


def test_wait_and_branch_read_right(driven: Driven) -> None:
    """Steps and prompts are nodes, prompts wait, what follows is a transition with the runtime's reason."""
    talk = driven.talk("small")

    assert talk.nodes == [
        "ask_item", "ask_item:text", "ask_item:text", "ask_number", "ask_number:number", "ask_number:number",
        "ask_number:number", "decide", "confirm",
    ]  # fmt: skip
    assert talk.waits == ["ask_item:text", "ask_number:number", "ask_number:number"]
    assert talk.transitions == [
        ("ask_item", "ask_item:text", "BeginCalled"),
        ("ask_item:text", "ask_number", "EndCalled"),
        ("ask_number", "ask_number:number", "BeginCalled"),
        ("ask_number:number", "decide", "EndCalled"),
        ("decide", "confirm", "NextCalled"),
    ]
    assert talk.errors == []
    assert (talk.summary["turns"], talk.summary["channel"], talk.summary["state"]) == (5, "test", "live")


def test_rejected_answer_is_a_wait_and_not_an_error(driven: Driven) -> None:
    """A failed validation calls no step at all, and is on record with the answer."""
    talk = driven.talk("small")

    (failed,) = talk.events("bot.validation.fail")
    assert (failed["node_id"], failed["attributes"]["bot.validation.value"]) == ("ask_number:number", "many")
    assert [outcome for node, outcome in talk.outcomes if node == "ask_number:number"] == [
        "waiting", "waiting", "completed",
    ]  # fmt: skip


def test_messages_variables_and_end_are_there(driven: Driven) -> None:
    """What was said, by which node, what the steps remembered, and the channel's end of conversation."""
    talk = driven.talk("small")

    assert talk.messages == [
        ("user", "hello"), ("bot", "What would you like?"), ("user", "tea"), ("bot", "How many?"), ("user", "many"),
        ("bot", "A number, please."), ("user", "3"), ("bot", "Ordered."), ("user", "bye"),
    ]  # fmt: skip
    assert [said["node_id"] for said in talk.events("bot.message.bot")] == [
        "ask_item:text", "ask_number:number", "ask_number:number", "confirm",
    ]  # fmt: skip
    assert [log["attributes"]["bot.variable.name"] for log in talk.events("bot.variable.set")] == ["item", "number"]
    assert talk.end == "completedSuccessfully"


def test_dialog_begun_by_a_step_is_a_flow_of_its_own(driven: Driven) -> None:
    """The other branch switches to another waterfall and comes back from it."""
    talk = driven.talk("large")

    switches = [
        (log["attributes"]["bot.flow.from"], log["attributes"]["bot.flow.to"]) for log in talk.events("bot.flow.switch")
    ]
    assert switches == [("order/main", "order/large"), ("order/large", "order/main")]
    assert talk.nodes[-5:] == ["ask_company", "ask_company:text", "ask_company:text", "thank", "confirm"]
    assert [log["attributes"]["bot.flow.id"] for log in talk.events("bot.flow.complete")] == [
        "order/large", "order/main",
    ]  # fmt: skip
    assert talk.end is None


def test_error_that_the_adapter_swallows_is_on_its_step(driven: Driven) -> None:
    """The bot answers as ever, and the one error is where it arose."""
    talk = driven.talk("wrong")

    assert talk.errors == [("ask_number", "LookupError")]
    assert talk.outcomes[-1] == ("ask_number", "error")
    assert talk.messages[-1] == ("bot", "Sorry, that did not work.")


def test_flow_has_the_declared_steps_and_the_learned_prompts(driven: Driven) -> None:
    """The waterfall's order is known beforehand; which prompts its steps begin is learned."""
    flow = driven.flow("order/main")

    edges = {(edge["from"], edge["to"]) for edge in flow["edges"]}
    assert {("ask_item", "ask_number"), ("ask_number", "decide"), ("decide", "confirm")} <= edges
    assert {("ask_item", "ask_item:text"), ("ask_item:text", "ask_number")} <= edges
    assert {node["id"]: node["type"] for node in flow["nodes"]} == {
        "ask_item": "step", "ask_number": "step", "decide": "step", "confirm": "step",
        "ask_item:text": "prompt", "ask_number:number": "prompt",
    }  # fmt: skip


def test_bot_itself_runs_as_without_the_plugin(driven: Driven) -> None:
    """What the bot prints at its end is what its users were told."""
    assert driven.out.strip().splitlines()[-1] == str(
        [
            "What would you like?", "How many?", "A number, please.", "Ordered.", "What would you like?", "How many?",
            "Which company?", "Thank you, Contoso.", "Ordered.", "What would you like?", "Sorry, that did not work.",
        ]
    )  # fmt: skip
