"""What the query API offers, as a table: each call's address, parameters, body and answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Kind = Literal["text", "number", "boolean", "time", "state"]
Method = Literal["get", "post", "delete"]
_OF: Final = "/conversations/{id}"
_CONVERSATION: Final = "conversation id, trace id or receipt key"
_RANGE: Final[Mapping[str, Kind]] = {"from": "time", "to": "time"}
_PAGED: Final[Mapping[str, Kind]] = {"limit": "number", "cursor": "text"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One operation: `answer` and `body` name schemas; an empty answer has no body; `id_is` says what `{id}` is."""

    name: str
    path: str
    summary: str
    method: Method = "get"
    answer: str = ""
    status: str = "200"
    parameters: Mapping[str, Kind] = field(default_factory=dict[str, Kind])
    required: tuple[str, ...] = ()
    id_is: str = ""
    body: str = ""
    body_needed: bool = True
    media_type: str = "application/json"


READS: Final = (
    Call(
        name="get_conversations",
        path="/conversations",
        summary="Conversations, the latest activity first",
        answer="ConversationPage",
        parameters={
            "environment": "text", "bot": "text", "state": "state", **_RANGE, "q": "text", "flow": "text",
            "node": "text", "channel": "text", "user": "text", "tag": "text", "has_error": "boolean", **_PAGED,
        },
    ),
    Call(name="get_conversations_one", path=_OF, summary="One conversation and its receipt", answer="Conversation",
         id_is=_CONVERSATION),
    Call(
        name="get_conversations_timeline",
        path=f"{_OF}/timeline",
        summary="What happened, in time order",
        answer="TimelinePage",
        parameters={"after": "text", "before": "text", "at": "time", "limit": "number"},
        id_is=_CONVERSATION,
    ),
    Call(
        name="get_conversations_logs",
        path=f"{_OF}/logs",
        summary="Full log events",
        answer="LogPage",
        parameters={"at": "time", "node_action_id": "text", "event_name": "text", "q": "text", **_PAGED},
        id_is=_CONVERSATION,
    ),
    Call(name="get_conversations_node", path=f"{_OF}/node", summary="The node action active then", answer="NodeAction",
         parameters={"at": "time"}, required=("at",), id_is=_CONVERSATION),
    Call(name="get_conversations_variables", path=f"{_OF}/variables", summary="The variables then",
         answer="VariablePage", parameters={"at": "time"}, id_is=_CONVERSATION),
    Call(name="get_conversations_variable_changes", path=f"{_OF}/variable-changes",
         summary="Changes of variables, in time order", answer="ChangePage",
         parameters={"variable": "text", **_PAGED}, id_is=_CONVERSATION),
    Call(name="get_conversations_path", path=f"{_OF}/path", summary="The way through the nodes", answer="VisitPage",
         parameters={"node": "text", "flow": "text", **_PAGED}, id_is=_CONVERSATION),
    Call(name="get_conversations_trace", path=f"{_OF}/trace", summary="The conversation as OTLP/JSON",
         answer="OtlpJson", id_is=_CONVERSATION),
    Call(name="get_conversations_markdown", path=f"{_OF}/markdown", summary="The conversation for a ticket",
         answer="Text", media_type="text/markdown", id_is=_CONVERSATION),
    Call(
        name="get_conversations_stream",
        path=f"{_OF}/stream",
        summary="Server-sent events, one timeline item each; goes on from Last-Event-ID",
        answer="Text",
        parameters={"last_event_id": "text"},
        media_type="text/event-stream",
        id_is=_CONVERSATION,
    ),
    Call(
        name="get_flows_one",
        path="/flows/{id}",
        summary="A flow's graph and what readable conversations did in it",
        answer="Flow",
        parameters={"version": "text", "bot": "text", "environment": "text", **_RANGE},
        id_is="flow id",
    ),
    Call(name="get_openapi", path="/openapi.json", summary="This description", answer="Object"),
)  # fmt: skip

# The complete history: for whoever may give it.
CALLS: Final = (
    Call(
        name="restore_conversation",
        path=f"{_OF}/restore",
        method="post",
        summary="Bring a dropped conversation back, while the hold still has it; readable within seconds",
        answer="Restored",
        status="202",
        id_is=_CONVERSATION,
        body="RestoreRequest",
        body_needed=False,
    ),
    Call(name="get_grants", path="/grants", summary="The standing orders in force or to come", answer="GrantPage"),
    Call(
        name="add_grant",
        path="/grants",
        method="post",
        summary="Order that everything of a scope is kept, whatever the policies say",
        answer="Grant",
        status="201",
        body="GrantRequest",
    ),
    Call(name="revoke_grant", path="/grants/{id}", method="delete",
         summary="Withdraw a standing order; what it kept stays", status="204", id_is="grant id"),
    Call(
        name="what_if",
        path="/policies/what-if",
        method="post",
        summary="What changed policies would have kept and dropped of what is still held; changes nothing",
        answer="WhatIfReport",
        body="WhatIfRequest",
    ),
)  # fmt: skip

# Who asks: a browser exchanges its token for a session that no script can read.
SESSION: Final = (
    Call(name="get_session", path="/session", summary="Who asks, and whether tokens are asked for", answer="Session"),
    Call(
        name="begin_session",
        path="/session",
        method="post",
        summary="Exchange a token for a session, which comes as a cookie",
        answer="Session",
        body="SessionRequest",
    ),
    Call(name="end_session", path="/session", method="delete", summary="Log out", status="204"),
)

# Lists and what is in them.
PAGES: Final = {
    "ConversationPage": "ConversationSummary",
    "TimelinePage": "TimelineItem",
    "LogPage": "LogEvent",
    "VariablePage": "Variable",
    "ChangePage": "Variable",
    "VisitPage": "Visit",
    "GrantPage": "Grant",
}
