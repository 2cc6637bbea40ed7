"""An order bot on LangGraph, driven offline: a wait, a branch, a subgraph and an error; sync, async and streamed."""

# packages: langgraph langchain_core

import asyncio
import logging
import operator
from typing import Annotated, Any, TypedDict

from langchain_core.messages import AIMessage, HumanMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.types import Command, interrupt

log = logging.getLogger("orders")


class State(TypedDict, total=False):
    messages: Annotated[list[Any], add_messages]
    intent: str
    order_id: str
    seen: Annotated[list[str], operator.add]


def classify(state: State) -> State:
    log.warning("classifying")
    return {"intent": "order" if "order" in state["messages"][-1].content else "other"}


def route(state: State) -> str:
    return state["intent"]


def ask_order_id(state: State) -> State:
    return {"order_id": interrupt("What is your order id?")}


def look_up(state: State) -> State:
    if state["order_id"] == "bad":
        raise KeyError(state["order_id"])
    return {"seen": [state["order_id"]]}


def tell(state: State) -> State:
    return {"messages": [AIMessage(f"Order {state['order_id']} is on its way.")]}


def fall_back(state: State) -> Command:
    return Command(goto="good_bye", update={"messages": [AIMessage("I do not know.")]})


def good_bye(state: State) -> State:
    return {}


def shop() -> Any:
    inner = StateGraph(State)
    inner.add_node("look_up", look_up)
    inner.add_node("tell", tell)
    inner.add_edge(START, "look_up")
    inner.add_edge("look_up", "tell")
    inner.add_edge("tell", END)

    outer = StateGraph(State)
    outer.add_node("classify", classify)
    outer.add_node("ask_order_id", ask_order_id)
    outer.add_node("order", inner.compile())
    outer.add_node("fall_back", fall_back, destinations=("good_bye",))
    outer.add_node("good_bye", good_bye)
    outer.add_edge(START, "classify")
    outer.add_conditional_edges("classify", route, {"order": "ask_order_id", "other": "fall_back"})
    outer.add_edge("ask_order_id", "order")
    outer.add_edge("order", END)
    outer.add_edge("good_bye", END)
    return outer.compile(checkpointer=InMemorySaver(), name="shop")


def config(thread: str) -> Any:
    return {"configurable": {"thread_id": thread}}


def said(text: str) -> Any:
    return {"messages": [HumanMessage(text)]}


def show(graph: Any, thread: str) -> None:
    state = graph.get_state(config(thread))
    print(thread, [message.content for message in state.values["messages"]], state.values.get("order_id"), state.next)


def talk_sync(graph: Any) -> None:
    first = graph.invoke(said("where is my order?"), config("sync"))
    assert first["__interrupt__"][0].value == "What is your order id?"
    second = graph.invoke(Command(resume="4711"), config("sync"))
    assert second["messages"][-1].content == "Order 4711 is on its way."
    assert graph.invoke(said("sing"), config("sync"))["messages"][-1].content == "I do not know."
    show(graph, "sync")


async def talk_async(graph: Any) -> None:
    await graph.ainvoke(said("where is my order?"), config("async"))
    try:
        await graph.ainvoke(Command(resume="bad"), config("async"))
    except KeyError:
        pass
    else:
        raise AssertionError("the bot's own error did not arrive")
    show(graph, "async")


async def talk_streamed(graph: Any) -> None:
    async for _ in graph.astream(said("where is my order?"), config("streamed"), stream_mode="values"):
        pass
    parts = list(graph.stream(Command(resume="4712"), config("streamed"), stream_mode="updates"))
    assert parts[-1]["order"]["messages"][-1].content == "Order 4712 is on its way."
    stream = graph.stream(said("sing"), config("streamed"), stream_mode="updates")
    first = next(stream)
    stream.close()  # the user hung up
    print([list(part) for part in parts], list(first))


async def talk_at_once(graph: Any) -> None:
    both = [graph.ainvoke(said("where is my order?"), config(f"at-once-{number}")) for number in range(5)]
    for state in await asyncio.gather(*both):
        print([message.content for message in state["messages"]], state["__interrupt__"][0].value)


if __name__ == "__main__":
    bot = shop()
    talk_sync(bot)
    asyncio.run(talk_async(bot))
    asyncio.run(talk_streamed(bot))
    asyncio.run(talk_at_once(bot))
