"""The same bot on a LangGraph whose private runner calls its functions otherwise: the callbacks tell of the nodes."""

import asyncio
import inspect

import langgraph.pregel._runner as runner

source = inspect.getsource(runner).replace("run_with_retry", "execute_task")
source = source.replace(
    "import aexecute_task, execute_task", "import arun_with_retry as aexecute_task, run_with_retry as execute_task"
)
del runner.run_with_retry, runner.arun_with_retry
exec(compile(source, runner.__file__, "exec"), vars(runner))  # LangGraph's own source

import bot
import langgraph.pregel.main as main

main.PregelRunner = runner.PregelRunner

import otel_botlogs
from otel_botlogs import testing

with testing.record() as recording:
    assert otel_botlogs.instrument() == ["botlogs_langgraph"]
    graph = bot.shop()
    bot.talk_sync(graph)
    asyncio.run(bot.talk_async(graph))

assert recording.conversation("sync").nodes == [
    *("classify", "ask_order_id"),
    *("ask_order_id", "order", "look_up", "tell"),
    *("classify", "fall_back", "good_bye"),
], recording.conversation("sync").nodes
assert [event.node for event in recording.conversation("sync").named("bot.node.wait")] == ["ask_order_id"]
assert recording.conversation("sync").errors == []
assert recording.conversation("async").errors == ["KeyError"], recording.conversation("async").errors
