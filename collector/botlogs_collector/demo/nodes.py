"""What each node of the sample bot does: one function a node, from the work at hand to what comes next."""

import logging
import re
from typing import Final

from botlogs_collector.demo.dialogue import Next, Step, Work
from botlogs_collector.demo.shop import Shop, ShopError
from botlogs_collector.demo.understanding import rank_intents

_logger = logging.getLogger("bookshop.bot")
_ORDER_ID: Final = re.compile(r"\bB-?(\d{4})\b", re.IGNORECASE)
_SURE_ENOUGH: Final = 0.5
_MAX_ATTEMPTS: Final = 3
_MODEL: Final = "bookshop-phrases"  # a template, not a model: the demo needs no key and no network
_POLICIES: Final = {
    "damaged": "Damaged books are replaced free of charge within 60 days.",
    "": "Books in new condition can be returned within 30 days.",
}


def steps(shop: Shop) -> dict[str, Step]:
    """Return every node's function by its id; the ones that call the shop are bound to *shop*."""
    return {
        "welcome": welcome,
        "ask_topic": ask_topic,
        "understand": understand,
        "route": route,
        "fallback": fallback,
        "ask_order_id": ask_order_id,
        "check_order_id": check_order_id,
        "fetch_order": lambda work: fetch_order(work, shop),
        "order_found": order_found,
        "estimate_delivery": estimate_delivery,
        "explain_order": explain_order,
        "no_such_order": no_such_order,
        "ask_return_reason": ask_return_reason,
        "find_policy": find_policy,
        "create_return": lambda work: create_return(work, shop),
        "return_created": return_created,
        "sorry": sorry,
        "handoff": handoff,
        "ask_more": ask_more,
        "goodbye": goodbye,
    }


def welcome(work: Work) -> Next:  # noqa: D103 - in this module the node's name in flow.py says what it does
    work.say("Hello, this is the book shop's assistant.")
    return Next("ask_topic")


def ask_topic(work: Work) -> Next:  # noqa: D103
    work.say("I can look up an order, take a book back, or get you a person. What shall it be?")
    return Next("understand", "answered", "wait")


def understand(work: Work) -> Next:  # noqa: D103
    ranked = rank_intents(work.text)
    intent, confidence = ranked[0]
    found = _ORDER_ID.search(work.text)
    entities = {"order_id": f"B-{found[1]}"} if found else {}
    work.node.nlu(intent, confidence, intents=[{"intent": i, "confidence": c} for i, c in ranked], entities=entities)
    work.remember("intent", intent)
    work.remember("confidence", f"{confidence:.2f}")
    return Next("route")


def route(work: Work) -> Next:  # noqa: D103
    intent, confidence = work.session.variables["intent"], float(work.session.variables["confidence"])
    targets = {
        "order_status": ("ask_order_id", "order_status or return_book"),
        "return_book": ("ask_order_id", "order_status or return_book"),
        "person": ("handoff", "person"),
        "bye": ("goodbye", "bye"),
    }
    target, label = targets[intent] if confidence >= _SURE_ENOUGH else ("fallback", "confidence below 0.5")
    work.node.branch("confidence >= 0.5", {"intent": intent, "confidence": confidence}, taken=label)
    if target != "fallback":
        work.session.misunderstood = 0
    return Next(target, label)


def fallback(work: Work) -> Next:  # noqa: D103
    work.session.misunderstood += 1
    work.node.fallback("no intent was sure enough", count=work.session.misunderstood)
    if work.session.misunderstood >= _MAX_ATTEMPTS:
        return Next("handoff", "third time")
    work.say("I am afraid I did not understand that.")
    return Next("ask_topic", "first or second time")


def ask_order_id(work: Work) -> Next:  # noqa: D103
    work.node.log("asked for the order id", attempt=work.session.attempts + 1)
    work.say("What is your order id? It looks like B-1234.")
    return Next("check_order_id", "answered", "wait")


def check_order_id(work: Work) -> Next:  # noqa: D103
    work.session.attempts += 1
    found = _ORDER_ID.search(work.text)
    if found:
        work.remember("order_id", f"B-{found[1]}")
        work.session.attempts = 0
        return Next("fetch_order", "valid")
    work.node.validation_fail("B- and four digits", attempt=work.session.attempts, value=work.text)
    if work.session.attempts >= _MAX_ATTEMPTS:
        return Next("handoff", "invalid three times")
    work.say("That does not look like an order id.")
    return Next("ask_order_id", "invalid, ask again")


def fetch_order(work: Work, shop: Shop) -> Next:  # noqa: D103
    try:
        status, order = shop.call(work.node, "GET", f"/orders/{work.session.variables['order_id']}")
    except ShopError:
        return Next("sorry", "the shop failed")
    work.remember("order_status", str(order.get("status", "unknown")) if status == 200 else "not found")
    work.remember("ships_in_days", str(order.get("ships_in_days", "")))
    return Next("order_found", "answered")


def order_found(work: Work) -> Next:  # noqa: D103
    variables = work.session.variables
    taken = "404" if variables["order_status"] == "not found" else variables["intent"]
    operands = {"order_status": variables["order_status"], "intent": variables["intent"]}
    work.node.branch("order_status == 'not found'", operands, taken=taken)
    return Next({"404": "no_such_order", "order_status": "estimate_delivery"}.get(taken, "ask_return_reason"), taken)


def estimate_delivery(work: Work) -> Next:
    """Breaks, as an author's function would, on an order without a shipping date (ids from B-9000)."""
    days = int(work.session.variables["ships_in_days"])
    work.node.function_log(f"ships in {days} days, two more on the road")
    work.remember("arrives_in_days", str(days + 2))
    return Next("explain_order")


def explain_order(work: Work) -> Next:  # noqa: D103
    variables = work.session.variables
    facts = {name: variables[name] for name in ("order_id", "order_status", "arrives_in_days")}
    prompt = [{"role": "system", "content": "Explain the order in one sentence."}, {"role": "user", "content": facts}]
    work.node.llm_request(_MODEL, prompt, provider="demo", parameters={"temperature": 0})
    answer = (
        f"Your order {facts['order_id']} is {facts['order_status']} and arrives in {facts['arrives_in_days']} days."
    )
    tokens_in, tokens_out = len(str(prompt).split()), len(answer.split())
    work.node.llm_response(
        _MODEL, answer, provider="demo", finish_reason="stop", input_tokens=tokens_in, output_tokens=tokens_out
    )
    work.say(answer)
    return Next("ask_more")


def no_such_order(work: Work) -> Next:  # noqa: D103
    _logger.warning("an order id in the right form that the shop does not know")
    work.say("The shop knows no order with that id.")
    return Next("ask_more")


def ask_return_reason(work: Work) -> Next:  # noqa: D103
    work.say("Why do you want to return it?")
    return Next("find_policy", "answered", "wait")


def find_policy(work: Work) -> Next:  # noqa: D103
    reason = "damaged" if re.search("damage|torn|wet|broken", work.text, re.IGNORECASE) else ""
    work.node.kb(work.text, results=list(_POLICIES.values()), answer=_POLICIES[reason], confidence=0.8)
    work.remember("return_reason", reason or "other")
    work.say(_POLICIES[reason])
    return Next("create_return")


def create_return(work: Work, shop: Shop) -> Next:  # noqa: D103
    variables = work.session.variables
    body: dict[str, object] = {"order_id": variables["order_id"], "reason": variables["return_reason"]}
    try:
        _, created = shop.call(work.node, "POST", "/returns", body)
    except ShopError:
        return Next("sorry", "the shop failed")
    work.remember("return_id", str(created.get("return_id")))
    return Next("return_created", "201")


def return_created(work: Work) -> Next:  # noqa: D103
    work.node.notification("email", status="sent")
    work.say(f"Return {work.session.variables['return_id']} is created; the label is on its way by e-mail.")
    return Next("ask_more")


def sorry(work: Work) -> Next:  # noqa: D103
    work.say("I am sorry, something went wrong on our side.")
    return Next("handoff")


def handoff(work: Work) -> Next:  # noqa: D103
    reason = "asked for" if work.session.variables.get("intent") == "person" else "the bot could not help"
    work.node.handoff("service desk", reason=reason)
    work.say("A colleague takes over and will write to you here.")
    return Next("goodbye")


def ask_more(work: Work) -> Next:  # noqa: D103
    work.say("Is there anything else?")
    return Next("understand", "answered", "wait")


def goodbye(work: Work) -> Next:  # noqa: D103
    work.say("Goodbye.")
    return Next("", None, "end")
