# packages: google
"""A Google ADK bot: a workflow that asks the user, branches on the answer, and may fail. No model is called.

Its runner is ADK's own, with sessions in memory.
"""

import asyncio
import logging

from google.adk.agents.context import Context
from google.adk.events.event import Event
from google.adk.events.request_input import RequestInput
from google.adk.runners import InMemoryRunner
from google.adk.workflow import Workflow
from google.genai import types

logger = logging.getLogger("bot")


def greet(node_input: object) -> Event:
    return Event(content=types.Content(role="model", parts=[types.Part(text="Hello.")]), output="hello")


async def ask(ctx: Context, node_input: object):
    if not ctx.resume_inputs:
        yield RequestInput(interrupt_id="order", message="Which order?")
        return
    yield str(next(iter(ctx.resume_inputs.values())))


def look_up(node_input: object) -> Event:
    order = str(node_input)
    logger.warning("looking up %s", order)
    if "broken" in order:
        raise ConnectionError("the shop does not answer")
    return Event(output=order, route="lost" if "4712" in order else "sent", state={"order": order})


def tell(node_input: object) -> Event:
    return Event(content=types.Content(role="model", parts=[types.Part(text="It was sent.")]))


def refund(node_input: object) -> Event:
    return Event(content=types.Content(role="model", parts=[types.Part(text="You get your money back.")]))


def workflow() -> Workflow:
    return Workflow(
        name="order_status",
        edges=[("START", greet, ask, look_up, {"sent": tell, "lost": refund})],
    )


async def say(runner: InMemoryRunner, session_id: str, part: types.Part) -> tuple[list[str], str | None]:
    """Send one message; return what the bot said, and the id of its request for input if it made one."""
    said, request = [], None
    message = types.Content(role="user", parts=[part])
    async for event in runner.run_async(user_id="user-1", session_id=session_id, new_message=message):
        for out in (event.content and event.content.parts) or ():
            if out.text:
                said.append(out.text)
            if out.function_call is not None:
                request = out.function_call.id
    return said, request


async def main() -> None:
    runner = InMemoryRunner(node=workflow(), app_name="orders")
    for session_id, order in {"sent": "4711", "lost": "4712", "broken": "broken"}.items():
        await runner.session_service.create_session(app_name="orders", user_id="user-1", session_id=session_id)
        first, request = await say(runner, session_id, types.Part(text="where is my order?"))
        answer = types.FunctionResponse(id=request, name="adk_request_input", response={"result": order})
        try:
            second, _ = await say(runner, session_id, types.Part(function_response=answer))
        except ConnectionError as error:
            second = [f"failed: {error}"]
        print(session_id, first, second)


asyncio.run(main())
