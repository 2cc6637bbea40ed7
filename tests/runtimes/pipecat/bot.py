# packages: pipecat
"""A Pipecat bot with a flow that is data, on a real pipeline; only the model is a table of answers.

Each conversation is a pipeline of its own, as in production.
"""

import asyncio

from loguru import logger
from pipecat.flows import TRANSITION_IN_YAML, Flow, FlowConfig, FlowManager
from pipecat.frames.frames import (
    FunctionCallFromLLM,
    LLMContextFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMMessagesAppendFrame,
    LLMTextFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair
from pipecat.processors.frame_processor import FrameDirection
from pipecat.services.llm_service import LLMService
from pipecat.utils.tracing.service_decorators import traced_llm
from pipecat.workers.runner import WorkerRunner

FLOW = """
initial_node: greet
nodes:
  greet:
    task_messages: [{role: developer, content: Ask what it is about.}]
    functions:
      - {name: look_up, transition_to: {field: status, cases: {sent: tell, lost: refund}}}
  tell:
    task_messages: [{role: developer, content: Say that it was sent.}]
    functions:
      - {name: finish, transition_only: true, description: The user is done., transition_to: bye}
  refund:
    task_messages: [{role: developer, content: Offer the money.}]
  bye:
    task_messages: [{role: developer, content: Say good bye.}]
    pre_actions: [{type: tts_say, text: Good bye.}]
    post_actions: [{type: end_conversation}]
    respond_immediately: true
"""


async def look_up(flow_manager: FlowManager, order: str) -> tuple[dict, object]:
    """Look up an order.

    Args:
        flow_manager: The flow.
        order: The order's number.
    """
    logger.info("looking up {}", order)
    if order == "broken":
        raise ConnectionError("the shop does not answer")
    flow_manager.state["order"] = order
    return {"status": "lost" if order == "4712" else "sent"}, TRANSITION_IN_YAML


class TableModel(LLMService):
    """Answers by the last message: a text, or a call of one of the node's functions."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.answered = asyncio.Event()

    async def process_frame(self, frame: object, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if not isinstance(frame, LLMContextFrame):
            await self.push_frame(frame, direction)
            return
        last = str(frame.context.get_messages()[-1].get("content"))
        await self.push_frame(LLMFullResponseStartFrame())
        await self._process_context(frame.context)
        await self.push_frame(LLMFullResponseEndFrame())
        if not last.startswith(("order ", "thanks")):
            self.answered.set()

    @traced_llm  # as Pipecat's own services are; a span if the worker traces
    async def _process_context(self, context: LLMContext) -> None:
        last = str(context.get_messages()[-1].get("content"))
        if last.startswith("order "):
            await self._call("look_up", {"order": last.split()[1]}, context)
        elif last == "thanks":
            await self._call("finish", {}, context)
        else:
            text = next((answer for part, answer in ANSWERS.items() if part in last), "Hm.")
            self.said.append(text)
            for word in text.split(" "):
                await self.push_frame(LLMTextFrame(word + " "))

    async def _call(self, name: str, arguments: dict, context: LLMContext) -> None:
        await self.run_function_calls([FunctionCallFromLLM(name, f"call-{len(self.said)}", arguments, context)])


ANSWERS = {
    "Ask what": "What is it about?",
    "Say that it was sent": "It was sent.",
    "Offer the money": "You get your money back.",
    "error": "I could not look that up.",
    "Say good bye": "Bye.",
}


async def converse(conversation_id: str, texts: list[str]) -> list[str]:
    """Run one conversation and return what the bot said."""
    model, context = TableModel(), LLMContext()
    aggregators = LLMContextAggregatorPair(context)
    worker = PipelineWorker(
        Pipeline([aggregators.user(), model, aggregators.assistant()]),
        conversation_id=conversation_id,
        enable_tracing=conversation_id == "lost",
    )
    flow = Flow(FlowConfig.from_yaml(FLOW), handlers={"look_up": look_up})
    manager = FlowManager(llm=model, context_aggregator=aggregators, worker=worker)

    async def talk() -> None:
        await model.answered.wait()
        for text in texts:
            model.answered.clear()
            message = {"role": "user", "content": text}
            await worker.queue_frame(LLMMessagesAppendFrame(messages=[message], run_llm=True))
            await asyncio.wait_for(model.answered.wait(), 60)
        if "thanks" not in texts:
            await worker.stop_when_done()

    @worker.event_handler("on_pipeline_started")
    async def on_pipeline_started(worker: PipelineWorker, frame: object) -> None:
        await manager.initialize(flow.initial_node)

    talking = asyncio.create_task(talk())
    runner = WorkerRunner(handle_sigint=False)
    await runner.run(worker)
    await talking
    return model.said


async def main() -> None:
    for conversation_id, texts in {
        "sent": ["order 4711", "thanks"],
        "lost": ["order 4712"],
        "broken": ["order broken"],
    }.items():
        print(conversation_id, await converse(conversation_id, texts))


asyncio.run(main())
