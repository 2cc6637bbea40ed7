"""Names on the wire: attributes and log events of a bot's conversation (design section 4).

The one module that the collector imports too, so it imports nothing. Units are in the name
or in the comment; *content* means: what a person said, or data about a person. Content is
masked where the environment says so (see `otel_botlogs.content`).
"""

from typing import Final

SCOPE_NAME: Final = "otel_botlogs"

# Resource
SERVICE_NAME: Final = "service.name"
SERVICE_VERSION: Final = "service.version"
DEPLOYMENT_ENVIRONMENT_NAME: Final = "deployment.environment.name"

# Every span and log record of a conversation, set at span start
GEN_AI_CONVERSATION_ID: Final = "gen_ai.conversation.id"  # only ever a real id: never invented, never a hash
SESSION_ID: Final = "session.id"  # the conversation id, with "#N" from the second segment on
SESSION_PREVIOUS_ID: Final = "session.previous_id"
BOT_ID: Final = "bot.id"
BOT_VERSION: Final = "bot.version"
BOT_CHANNEL: Final = "bot.channel"
USER_ID: Final = "user.id"  # a keyed hash unless told otherwise
BOT_TURN_INDEX: Final = "bot.turn.index"  # int, from 1
BOT_FLOW_ID: Final = "bot.flow.id"
BOT_FLOW_NAME: Final = "bot.flow.name"
BOT_FLOW_VERSION: Final = "bot.flow.version"  # hash of the definition's content
BOT_NODE_ID: Final = "bot.node.id"
BOT_NODE_NAME: Final = "bot.node.name"
BOT_NODE_TYPE: Final = "bot.node.type"
BOT_STATE: Final = "bot.state"  # id of the dialog state that a handler ran in, where the runtime has states

# How a node action went (span and bot.node.exit)
BOT_NODE_OUTCOME: Final = "bot.node.outcome"  # waiting | error | cancelled | control_flow; on the event also completed
BOT_NODE_ROUTE: Final = "bot.node.route"  # the route that the node chose, where the runtime's edges have routes
BOT_TRANSITION_TO: Final = "bot.transition.to"  # id of the node that comes next
BOT_TRANSITION_REASON: Final = "bot.transition.reason"
ERROR_TYPE: Final = "error.type"
EXCEPTION_TYPE: Final = "exception.type"
EXCEPTION_MESSAGE: Final = "exception.message"  # content: it often quotes what was said
EXCEPTION_STACKTRACE: Final = "exception.stacktrace"

# On any event or span that has more attributes than its byte limit has room for
BOT_DROPPED_ATTRIBUTES_COUNT: Final = "bot.dropped_attributes_count"

# Attributes of single events
BOT_CONVERSATION_END_REASON: Final = "bot.conversation.end.reason"
BOT_CONVERSATION_TURNS: Final = "bot.conversation.turns"
BOT_FLOW_LEARNED: Final = "bot.flow.learned"  # bool: edges were seen at run time, not declared
BOT_FLOW_FROM: Final = "bot.flow.from"
BOT_FLOW_TO: Final = "bot.flow.to"
BOT_FLOW_TRIGGER: Final = "bot.flow.trigger"
BOT_FLOW_REASON: Final = "bot.flow.reason"  # why it came to its end
BOT_MESSAGE_ID: Final = "bot.message.id"
BOT_MESSAGE_TYPE: Final = "bot.message.type"  # text, quick_reply, card, …
BOT_WAIT_TIMEOUT_S: Final = "bot.wait.timeout_s"
BOT_CONDITION_EXPRESSION: Final = "bot.condition.expression"
BOT_CONDITION_OPERANDS: Final = "bot.condition.operands"  # content, JSON
BOT_CONDITION_TAKEN: Final = "bot.condition.taken"
BOT_NLU_INTENT: Final = "bot.nlu.intent"
BOT_NLU_CONFIDENCE: Final = "bot.nlu.confidence"  # 0 to 1
BOT_NLU_INTENTS: Final = "bot.nlu.intents"  # JSON, ranked
BOT_NLU_ENTITIES: Final = "bot.nlu.entities"  # content, JSON
BOT_FALLBACK_REASON: Final = "bot.fallback.reason"
BOT_FALLBACK_COUNT: Final = "bot.fallback.count"
BOT_VALIDATION_RULE: Final = "bot.validation.rule"
BOT_VALIDATION_ATTEMPT: Final = "bot.validation.attempt"
BOT_VALIDATION_VALUE: Final = "bot.validation.value"  # content
BOT_API_NAME: Final = "bot.api.name"
HTTP_REQUEST_METHOD: Final = "http.request.method"
URL_FULL: Final = "url.full"
HTTP_RESPONSE_STATUS_CODE: Final = "http.response.status_code"
BOT_API_DURATION_MS: Final = "bot.api.duration_ms"
BOT_API_REQUEST: Final = "bot.api.request"  # content
BOT_API_RESPONSE: Final = "bot.api.response"  # content
DB_OPERATION_NAME: Final = "db.operation.name"
DB_COLLECTION_NAME: Final = "db.collection.name"
DB_RESPONSE_RETURNED_ROWS: Final = "db.response.returned_rows"
BOT_VARIABLE_NAME: Final = "bot.variable.name"
BOT_VARIABLE_OLD: Final = "bot.variable.old"  # content
BOT_VARIABLE_NEW: Final = "bot.variable.new"  # content
GEN_AI_OPERATION_NAME: Final = "gen_ai.operation.name"
GEN_AI_WORKFLOW_NAME: Final = "gen_ai.workflow.name"
GEN_AI_AGENT_NAME: Final = "gen_ai.agent.name"
GEN_AI_TOOL_NAME: Final = "gen_ai.tool.name"
GEN_AI_PROVIDER_NAME: Final = "gen_ai.provider.name"
GEN_AI_REQUEST_MODEL: Final = "gen_ai.request.model"
GEN_AI_RESPONSE_MODEL: Final = "gen_ai.response.model"
GEN_AI_RESPONSE_FINISH_REASONS: Final = "gen_ai.response.finish_reasons"
GEN_AI_INPUT_MESSAGES: Final = "gen_ai.input.messages"  # content, JSON
GEN_AI_OUTPUT_MESSAGES: Final = "gen_ai.output.messages"  # content, JSON
GEN_AI_USAGE_INPUT_TOKENS: Final = "gen_ai.usage.input_tokens"
GEN_AI_USAGE_OUTPUT_TOKENS: Final = "gen_ai.usage.output_tokens"
BOT_LLM_PARAMETERS: Final = "bot.llm.parameters"  # JSON
BOT_LLM_TOOLS: Final = "bot.llm.tools"  # content, JSON: the tool calls that the model asked for
BOT_LLM_REASONING: Final = "bot.llm.reasoning"  # content
BOT_KB_QUERY: Final = "bot.kb.query"  # content
BOT_KB_REPHRASED: Final = "bot.kb.rephrased"  # content
BOT_KB_RESULTS: Final = "bot.kb.results"  # content, JSON
BOT_KB_ANSWER: Final = "bot.kb.answer"  # content
BOT_KB_CONFIDENCE: Final = "bot.kb.confidence"  # 0 to 1
BOT_EVENT_CODE: Final = "bot.event.code"
BOT_EVENT_DATA: Final = "bot.event.data"  # content
BOT_NOTIFICATION_KIND: Final = "bot.notification.kind"
BOT_NOTIFICATION_STATUS: Final = "bot.notification.status"
BOT_HANDOFF_TO: Final = "bot.handoff.to"
BOT_HANDOFF_REASON: Final = "bot.handoff.reason"
BOT_WORKFLOW_STATUS: Final = "bot.workflow.status"  # success | failure
BOT_WORKFLOW_VALUE: Final = "bot.workflow.value"  # content
BOT_FEEDBACK_SCORE: Final = "bot.feedback.score"  # float
BOT_FEEDBACK_COMMENT: Final = "bot.feedback.comment"  # content
LOGGER_NAME: Final = "logger.name"
CODE_FILE_PATH: Final = "code.file.path"
CODE_FUNCTION_NAME: Final = "code.function.name"
CODE_LINE_NUMBER: Final = "code.line.number"

# Log events: the event_name of a log record
EVENT_CONVERSATION_START: Final = "bot.conversation.start"
EVENT_CONVERSATION_END: Final = "bot.conversation.end"
EVENT_CONVERSATION_REOPEN: Final = "bot.conversation.reopen"
EVENT_MESSAGE_USER: Final = "bot.message.user"  # the body is content
EVENT_MESSAGE_BOT: Final = "bot.message.bot"  # the body is content
EVENT_MESSAGE_AGENT: Final = "bot.message.agent"  # the body is content
EVENT_FLOW_START: Final = "bot.flow.start"
EVENT_FLOW_COMPLETE: Final = "bot.flow.complete"
EVENT_FLOW_SWITCH: Final = "bot.flow.switch"
EVENT_FLOW_DEFINITION: Final = "bot.flow.definition"  # the body is JSON: {id, name, nodes: [...], edges: [...]}
EVENT_NODE_ENTER: Final = "bot.node.enter"
EVENT_NODE_EXIT: Final = "bot.node.exit"
EVENT_NODE_WAIT: Final = "bot.node.wait"
EVENT_NODE_TRANSITION: Final = "bot.node.transition"  # a transition that became known after the node's exit
EVENT_CONDITION: Final = "bot.condition"
EVENT_NLU: Final = "bot.nlu"
EVENT_FALLBACK: Final = "bot.fallback"
EVENT_VALIDATION_FAIL: Final = "bot.validation.fail"
EVENT_API: Final = "bot.api"
EVENT_FUNCTION_LOG: Final = "bot.function.log"
EVENT_FUNCTION_ERROR: Final = "bot.function.error"  # the body is content, as an exception's message is
EVENT_DB: Final = "bot.db"
EVENT_VARIABLE_SET: Final = "bot.variable.set"
EVENT_LLM_REQUEST: Final = "bot.llm.request"
EVENT_LLM_RESPONSE: Final = "bot.llm.response"
EVENT_KB: Final = "bot.kb"
EVENT_EVENT_IN: Final = "bot.event.in"
EVENT_EVENT_OUT: Final = "bot.event.out"
EVENT_NOTIFICATION: Final = "bot.notification"
EVENT_HANDOFF: Final = "bot.handoff"
EVENT_WORKFLOW_OUTPUT: Final = "bot.workflow.output"
EVENT_ERROR: Final = "bot.error"  # the body, if a runtime gives a text and no exception, is content
EVENT_FEEDBACK: Final = "bot.feedback"
EVENT_LOG: Final = "bot.log"  # the author's own line

EVENT_NAMES: Final = frozenset(
    value for name, value in tuple(globals().items()) if name.startswith("EVENT_") and isinstance(value, str)
)

ATTRIBUTE_NAMES: Final = frozenset(
    value
    for name, value in tuple(globals().items())
    if name.isupper() and isinstance(value, str) and "." in value and value not in EVENT_NAMES
)

GEN_AI_NODES: Final = {
    "tool": ("execute_tool", GEN_AI_TOOL_NAME),
    "agent": ("invoke_agent", GEN_AI_AGENT_NAME),
    "flow": ("invoke_workflow", GEN_AI_WORKFLOW_NAME),
    "workflow": ("invoke_workflow", GEN_AI_WORKFLOW_NAME),
}
"""Types of nodes that have a GenAI operation, and the attribute that names them there."""

MESSAGES: Final = frozenset({EVENT_MESSAGE_USER, EVENT_MESSAGE_BOT, EVENT_MESSAGE_AGENT})
"""What user, bot and human agent said."""

CONTENT_BODIES: Final = MESSAGES | {EVENT_ERROR, EVENT_FUNCTION_ERROR}
"""Events whose body is content."""

CONTENT_ATTRIBUTES: Final = frozenset(
    {
        EXCEPTION_MESSAGE,
        BOT_CONDITION_OPERANDS,
        BOT_NLU_ENTITIES,
        BOT_VALIDATION_VALUE,
        BOT_API_REQUEST,
        BOT_API_RESPONSE,
        BOT_VARIABLE_OLD,
        BOT_VARIABLE_NEW,
        GEN_AI_INPUT_MESSAGES,
        GEN_AI_OUTPUT_MESSAGES,
        BOT_LLM_TOOLS,
        BOT_LLM_REASONING,
        BOT_KB_QUERY,
        BOT_KB_REPHRASED,
        BOT_KB_RESULTS,
        BOT_KB_ANSWER,
        BOT_EVENT_DATA,
        BOT_WORKFLOW_VALUE,
        BOT_FEEDBACK_COMMENT,
    }
)
"""Attributes whose value is content."""

# Span names: low cardinality; a node's span is called like the node
SPAN_CONVERSATION: Final = "conversation"
SPAN_TURN: Final = "turn"
