"""The conversations that the console is shown with: an order that is late, told in full."""

import json

from tests.console.story import MS, SECOND, Story

FLOW: dict[str, object] = {
    "id": "order_status",
    "name": "Order status",
    "nodes": [
        {"id": "greet", "name": "Greet", "type": "message"},
        {"id": "understand", "name": "Understand", "type": "nlu"},
        {"id": "ask_order_id", "name": "Ask for the order", "type": "prompt"},
        {"id": "check_order_id", "name": "Check the number", "type": "condition"},
        {"id": "ask_again", "name": "Ask again", "type": "prompt"},
        {"id": "fetch_order", "name": "Fetch the order", "type": "api"},
        {"id": "order_found", "name": "Found?", "type": "condition"},
        {"id": "tell_status", "name": "Tell the status", "type": "message"},
        {"id": "apologize", "name": "Apologize", "type": "message"},
        {"id": "refund", "name": "Offer a refund", "type": "message"},
        {"id": "fallback", "name": "Fallback", "type": "fallback"},
        {"id": "handoff", "name": "Hand over", "type": "handoff"},
        {"id": "anything_else", "name": "Anything else?", "type": "prompt"},
        {"id": "goodbye", "name": "Goodbye", "type": "message"},
    ],
    "edges": [
        {"from": "greet", "to": "understand"},
        {"from": "understand", "to": "ask_order_id", "label": "order_status"},
        {"from": "understand", "to": "refund", "label": "refund"},
        {"from": "understand", "to": "fallback", "label": "unidentified"},
        {"from": "ask_order_id", "to": "check_order_id"},
        {"from": "check_order_id", "to": "fetch_order", "label": "a number"},
        {"from": "check_order_id", "to": "ask_again", "label": "not a number"},
        {"from": "ask_again", "to": "check_order_id"},
        {"from": "ask_again", "to": "handoff", "label": "third time"},
        {"from": "fetch_order", "to": "order_found"},
        {"from": "fetch_order", "to": "apologize", "label": "error"},
        {"from": "order_found", "to": "tell_status", "label": "yes"},
        {"from": "order_found", "to": "ask_again", "label": "no"},
        {"from": "tell_status", "to": "anything_else"},
        {"from": "apologize", "to": "anything_else"},
        {"from": "refund", "to": "anything_else"},
        {"from": "fallback", "to": "handoff"},
        {"from": "anything_else", "to": "understand", "label": "yes"},
        {"from": "anything_else", "to": "goodbye", "label": "no"},
        {"from": "handoff", "to": "goodbye"},
    ],
}

SLOW = "the orders service is slow today; trying once more"
ORDER: dict[str, object] = {
    "order": {
        "id": "482193",
        "state": "shipped",
        "carrier": "DHL",
        "items": [
            {"sku": "B-17", "name": "Blue kettle", "quantity": 1},
            {"sku": "C-02", "name": "Tea, 250 g", "quantity": 2},
        ],
    },
    "eta": "2026-11-25",
}


def order_status(story: Story, *, gap_ns: int = 15_120 * SECOND, fails: bool = True) -> Story:
    """Tell the whole story: a wrong number, a long pause, a backend that fails and then answers."""
    story.event("bot.conversation.start")
    story.declares(FLOW)
    _first_turn(story)
    story.wait(9_400 * MS)
    _wrong_number(story)
    story.wait(gap_ns)
    _right_number(story, fails=fails)
    return story


def farewell(story: Story) -> Story:
    """Say goodbye and end."""
    story.wait(6_200 * MS)
    story.user_says("no thanks")
    story.enter("goodbye", "message", "Goodbye")
    story.bot_says("Have a good day!")
    story.leave()
    story.event("bot.conversation.end", attributes={"bot.conversation.end.reason": "signal"})
    return story


def _first_turn(story: Story) -> None:
    story.user_says("where is my order?")
    story.enter("greet", "message", "Greet")
    story.bot_says("Hello! Let me look.")
    story.leave(to="understand")
    story.enter("understand", "nlu", "Understand")
    story.wait(120 * MS)
    story.event("bot.nlu", attributes={
        "bot.nlu.intent": "order_status", "bot.nlu.confidence": 0.93,
        "bot.nlu.intents": '[{"name": "order_status", "confidence": 0.93}, {"name": "refund", "confidence": 0.05}]',
    })  # fmt: skip
    story.sets("intent", "order_status")
    story.leave(to="ask_order_id", because="order_status")
    story.enter("ask_order_id", "prompt", "Ask for the order")
    story.bot_says("What is your order number?")
    story.event("bot.node.wait", attributes={"bot.wait.timeout_s": 1800})
    story.leave("waiting")


def _wrong_number(story: Story) -> None:
    story.user_says("the blue one")
    story.enter("check_order_id", "condition", "Check the number")
    story.event("bot.condition", attributes={
        "bot.condition.expression": "re.fullmatch(r'[0-9]{6}', text)",
        "bot.condition.operands": '{"text": "the blue one"}',
        "bot.condition.taken": "not a number",
    })  # fmt: skip
    story.leave(to="ask_again", because="not a number")
    story.enter("ask_again", "prompt", "Ask again")
    story.event("bot.validation.fail", level="WARN", attributes={
        "bot.validation.rule": "six digits", "bot.validation.attempt": 1, "bot.validation.value": "the blue one",
    })  # fmt: skip
    story.bot_says("That does not look like an order number. It has six digits.")
    story.event("bot.node.wait", attributes={"bot.wait.timeout_s": 1800})
    story.leave("waiting")


def _right_number(story: Story, *, fails: bool) -> None:
    story.user_says("it is 482193, sorry")
    story.enter("check_order_id", "condition", "Check the number")
    story.sets("order_id", "482193")
    story.event("bot.condition", attributes={
        "bot.condition.expression": "re.fullmatch(r'[0-9]{6}', text)",
        "bot.condition.operands": '{"text": "482193"}',
        "bot.condition.taken": "a number",
    })  # fmt: skip
    story.leave(to="fetch_order", because="a number")
    story.enter("fetch_order", "api", "Fetch the order")
    story.wait(310 * MS)
    if fails:
        story.event("bot.api", level="ERROR", attributes={
            "bot.api.name": "orders", "http.request.method": "GET",
        "url.full": "https://orders.shop.example/v2/orders/482193",
            "http.response.status_code": 503, "bot.api.duration_ms": 307.4,
            "bot.api.response": '{"error": "upstream timed out", "retry_after": 2}', "error.type": "503",
        })  # fmt: skip
        story.event(
            "bot.log",
            "the orders service is slow today; trying once more",
            "WARN",
            {"attempt": 2, "logger.name": "shop.orders"},
        )
        story.wait(640 * MS)
    story.event("bot.api", attributes={
        "bot.api.name": "orders", "http.request.method": "GET",
        "url.full": "https://orders.shop.example/v2/orders/482193",
        "http.response.status_code": 200, "bot.api.duration_ms": 188.2,
        "bot.api.response": json.dumps(ORDER),
    })  # fmt: skip
    story.sets("order.state", "shipped")
    story.sets("order.eta", "2026-11-25")
    story.leave(to="order_found")
    story.enter("order_found", "condition", "Found?")
    story.event("bot.condition", attributes={
        "bot.condition.expression": "order is not None", "bot.condition.operands": '{"order": "482193"}',
        "bot.condition.taken": "yes",
    })  # fmt: skip
    story.leave(to="tell_status", because="yes")
    story.enter("tell_status", "message", "Tell the status")
    story.bot_says("Your order 482193 has been shipped with DHL and should be there on Wednesday.")
    story.leave(to="anything_else")
    story.enter("anything_else", "prompt", "Anything else?")
    story.bot_says("Is there anything else?")
    story.event("bot.node.wait", attributes={"bot.wait.timeout_s": 1800})
    story.leave("waiting")
