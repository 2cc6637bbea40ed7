# packages: google
"""A Google ADK bot: a workflow that asks the user, branches on the answer, and may fail; and an agent with a tool.

Its runner is ADK's own, with sessions in memory.
"""

import asyncio
import logging

from google.adk.agents import LlmAgent
from google.adk.agents.context import Context
from google.adk.events.event import Event
from google.adk.events.request_input import RequestInput
from google.adk.models.base_llm import BaseLlm
from google.adk.models.llm_request import LlmRequest
from google.adk.models.llm_response import LlmResponse
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


class TableModel(BaseLlm):
    """Asks for the tool first, then says what it gave."""

    async def generate_content_async(self, llm_request: LlmRequest, stream: bool = False):
        last = llm_request.contents[-1].parts[-1]
        if last.function_response is None:
            part = types.Part(function_call=types.FunctionCall(name="status_of", args={"order": "4711"}))
        else:
            part = types.Part(text=f"Your order is {last.function_response.response['status']}.")
        yield LlmResponse(content=types.Content(role="model", parts=[part]))


def status_of(order: str) -> dict[str, str]:
    """Return the status of an order."""
    logger.warning("asked for %s", order)
    return {"status": "sent"}


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
    agent = LlmAgent(name="helper", model=TableModel(model="table"), tools=[status_of])
    runner = InMemoryRunner(agent=agent, app_name="help")
    await runner.session_service.create_session(app_name="help", user_id="user-1", session_id="agent")
    print("agent", (await say(runner, "agent", types.Part(text="where is 4711?")))[0])


asyncio.run(main())
