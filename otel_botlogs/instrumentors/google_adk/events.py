"""What an event of ADK tells beside its spans: messages, routes, state, requests for input."""

from __future__ import annotations

from typing import Any, Final

from otel_botlogs import Node, semconv
from otel_botlogs.recorder import Recorder

ROUTE: Final = semconv.BOT_NODE_ROUTE


def tell(scope: Recorder, event: Any) -> None:
    """Write what an event of ADK tells; parts of an answer that is still coming are passed over."""
    if event.partial or event.author == "user":
        return
    actions = event.actions
    for name, value in (actions.state_delta or {}).items():
        scope.set_variable(name, value)
    if (route := getattr(actions, "route", None)) is not None:
        scope.branch("route", {"route": route}, taken=route)
        scope.set_attribute(ROUTE, route if isinstance(route, str | int | bool) else str(route))
    if actions.transfer_to_agent:
        scope.handoff(actions.transfer_to_agent, reason="transfer_to_agent")
    if text := said(event.content):
        scope.reply(text)
    if event.long_running_tool_ids:
        if isinstance(scope, Node):
            scope.wait("for the user's input")
        else:
            scope.event(semconv.EVENT_NODE_WAIT, "for the user's input")


def said(content: Any) -> str | None:
    """Return the text of a message: what was written, asked by a request for input, or answered to one."""
    texts: list[str] = []
    for part in getattr(content, "parts", None) or ():
        call, response = part.function_call, part.function_response
        if part.text and not part.thought:
            texts.append(part.text)
        elif call is not None and call.name == "adk_request_input":
            texts.append(str((call.args or {}).get("message") or ""))
        elif response is not None and response.name == "adk_request_input":
            texts.extend(str(value) for value in (response.response or {}).values())
    return "\n".join(text for text in texts if text) or None
