"""One method for each kind of log event: what a bot does, in the words of `semconv`.

The methods only give names to what they are told; writing is the recorder's. Where a parameter
is *content* (said so below), it is masked where the environment says so. Durations are in
milliseconds, confidences go from 0 to 1. What is None is left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from otel_botlogs import semconv as s
from otel_botlogs.severity import ERROR, INFO, WARN, Severity, severity

_USERINFO: Final = re.compile(r"^([^/]*//)[^/@]*@")


class EventKinds:
    """The kinds of log events, for conversations, turns and nodes alike."""

    __slots__ = ()

    def _emit_kind(
        self, event_name: str, body: object, attributes: Mapping[str, object], level: Severity = INFO
    ) -> None:
        raise NotImplementedError

    def reply(self, text: object, *, message_type: str | None = None, message_id: str | None = None) -> None:
        """`bot.message.bot`: what the bot said; *text* is content. On a node, the node said it."""
        attributes = {s.BOT_MESSAGE_TYPE: message_type, s.BOT_MESSAGE_ID: message_id}
        self._emit_kind(s.EVENT_MESSAGE_BOT, text, attributes)

    def user_message(self, text: object, *, message_type: str | None = None, message_id: str | None = None) -> None:
        """`bot.message.user`: what the user said, if it was not given to `conversation.turn`; *text* is content."""
        attributes = {s.BOT_MESSAGE_TYPE: message_type, s.BOT_MESSAGE_ID: message_id}
        self._emit_kind(s.EVENT_MESSAGE_USER, text, attributes)

    def nlu(
        self,
        intent: str | None,
        confidence: float | None = None,
        *,
        intents: Sequence[object] | None = None,
        entities: object = None,
    ) -> None:
        """`bot.nlu`: what the bot understood; *intents* are ranked, *entities* are content."""
        self._emit_kind(
            s.EVENT_NLU,
            None,
            {
                s.BOT_NLU_INTENT: intent,
                s.BOT_NLU_CONFIDENCE: confidence,
                s.BOT_NLU_INTENTS: intents,
                s.BOT_NLU_ENTITIES: entities,
            },
        )

    def branch(self, expression: str, operands: Mapping[str, object] | None = None, taken: object = None) -> None:
        """`bot.condition`: which way a condition went; *operands* (name to value) are content."""
        self._emit_kind(
            s.EVENT_CONDITION,
            None,
            {
                s.BOT_CONDITION_EXPRESSION: expression,
                s.BOT_CONDITION_OPERANDS: operands,
                s.BOT_CONDITION_TAKEN: None if taken is None else str(taken),
            },
        )

    def fallback(self, reason: str, *, count: int | None = None) -> None:
        """`bot.fallback`: the bot did not know what to do; *count* of times in a row."""
        self._emit_kind(s.EVENT_FALLBACK, None, {s.BOT_FALLBACK_REASON: reason, s.BOT_FALLBACK_COUNT: count}, WARN)

    def validation_fail(self, rule: str, *, attempt: int | None = None, value: object = None) -> None:
        """`bot.validation.fail`: an answer broke *rule* for the *attempt*th time; *value* is content."""
        attributes = {
            s.BOT_VALIDATION_RULE: rule,
            s.BOT_VALIDATION_ATTEMPT: attempt,
            s.BOT_VALIDATION_VALUE: value,
        }
        self._emit_kind(s.EVENT_VALIDATION_FAIL, None, attributes, WARN)

    def api(
        self,
        method: str,
        url: str,
        status: int | None = None,
        *,
        name: str | None = None,
        duration_ms: float | None = None,
        request: object = None,
        response: object = None,
        error: str | None = None,
    ) -> None:
        """`bot.api`: a call of another system; *request* and *response* bodies are content.

        Query, fragment and user of *url* are not written, they may hold secrets. *error* is the kind of failure
        (`ETIMEDOUT`) where there was no answer; with it, or with a status from 400, the severity is ERROR.
        """
        failed = error is not None or (status is not None and status >= 400)
        attributes = {
            s.BOT_API_NAME: name,
            s.HTTP_REQUEST_METHOD: method,
            s.URL_FULL: _USERINFO.sub(r"\1", re.split(r"[?#]", url, maxsplit=1)[0]),
            s.HTTP_RESPONSE_STATUS_CODE: status,
            s.BOT_API_DURATION_MS: duration_ms,
            s.BOT_API_REQUEST: request,
            s.BOT_API_RESPONSE: response,
            s.ERROR_TYPE: error or (str(status) if failed else None),
        }
        self._emit_kind(s.EVENT_API, None, attributes, ERROR if failed else INFO)

    def function_log(self, line: object, *, level: str | int = "INFO") -> None:
        """`bot.function.log`: a line that an author's function wrote."""
        self._emit_kind(s.EVENT_FUNCTION_LOG, line, {}, severity(level))

    def function_error(self, message: object, *, error_type: str | None = None) -> None:
        """`bot.function.error`: an author's function failed and the bot went on."""
        self._emit_kind(s.EVENT_FUNCTION_ERROR, message, {s.ERROR_TYPE: error_type}, ERROR)

    def db(
        self,
        operation: str,
        collection: str | None = None,
        *,
        rows: int | None = None,
        error: str | None = None,
    ) -> None:
        """`bot.db`: a database operation (find, insert, …) on a table or collection, and its *rows*."""
        attributes = {
            s.DB_OPERATION_NAME: operation,
            s.DB_COLLECTION_NAME: collection,
            s.DB_RESPONSE_RETURNED_ROWS: rows,
            s.ERROR_TYPE: error,
        }
        self._emit_kind(s.EVENT_DB, None, attributes, INFO if error is None else ERROR)

    def llm_request(
        self,
        model: str,
        messages: object = None,
        *,
        provider: str | None = None,
        operation: str = "chat",
        parameters: Mapping[str, object] | None = None,
    ) -> None:
        """`bot.llm.request`: what a model was asked; *messages* are content."""
        self._emit_kind(
            s.EVENT_LLM_REQUEST,
            None,
            {
                s.GEN_AI_OPERATION_NAME: operation,
                s.GEN_AI_PROVIDER_NAME: provider,
                s.GEN_AI_REQUEST_MODEL: model,
                s.GEN_AI_INPUT_MESSAGES: messages,
                s.BOT_LLM_PARAMETERS: parameters,
            },
        )

    def llm_response(
        self,
        model: str,
        output: object = None,
        *,
        provider: str | None = None,
        operation: str = "chat",
        tools: object = None,
        reasoning: object = None,
        finish_reason: str | None = None,
        input_tokens: int | None = None,
        output_tokens: int | None = None,
    ) -> None:
        """`bot.llm.response`: what a model said; *output*, *tools* and *reasoning* are content."""
        self._emit_kind(
            s.EVENT_LLM_RESPONSE,
            None,
            {
                s.GEN_AI_OPERATION_NAME: operation,
                s.GEN_AI_PROVIDER_NAME: provider,
                s.GEN_AI_RESPONSE_MODEL: model,
                s.GEN_AI_OUTPUT_MESSAGES: output,
                s.BOT_LLM_TOOLS: tools,
                s.BOT_LLM_REASONING: reasoning,
                s.GEN_AI_RESPONSE_FINISH_REASONS: finish_reason,
                s.GEN_AI_USAGE_INPUT_TOKENS: input_tokens,
                s.GEN_AI_USAGE_OUTPUT_TOKENS: output_tokens,
            },
        )

    def kb(
        self,
        query: str,
        *,
        rephrased: str | None = None,
        results: object = None,
        answer: object = None,
        confidence: float | None = None,
    ) -> None:
        """`bot.kb`: a search in a knowledge base; all but *confidence* is content."""
        self._emit_kind(
            s.EVENT_KB,
            None,
            {
                s.BOT_KB_QUERY: query,
                s.BOT_KB_REPHRASED: rephrased,
                s.BOT_KB_RESULTS: results,
                s.BOT_KB_ANSWER: answer,
                s.BOT_KB_CONFIDENCE: confidence,
            },
        )

    def event_in(self, code: str, data: object = None) -> None:
        """`bot.event.in`: an event from outside came; *data* is content."""
        self._emit_kind(s.EVENT_EVENT_IN, None, {s.BOT_EVENT_CODE: code, s.BOT_EVENT_DATA: data})

    def event_out(self, code: str, data: object = None) -> None:
        """`bot.event.out`: the bot sent an event; *data* is content."""
        self._emit_kind(s.EVENT_EVENT_OUT, None, {s.BOT_EVENT_CODE: code, s.BOT_EVENT_DATA: data})

    def notification(self, kind: str, *, status: str | None = None) -> None:
        """`bot.notification`: an e-mail, a one-time code or the like was sent or confirmed."""
        attributes = {s.BOT_NOTIFICATION_KIND: kind, s.BOT_NOTIFICATION_STATUS: status}
        self._emit_kind(s.EVENT_NOTIFICATION, None, attributes)

    def handoff(self, to: str, *, reason: str | None = None) -> None:
        """`bot.handoff`: a person, a queue or another bot takes over."""
        self._emit_kind(s.EVENT_HANDOFF, None, {s.BOT_HANDOFF_TO: to, s.BOT_HANDOFF_REASON: reason})

    def agent_message(self, text: object) -> None:
        """`bot.message.agent`: what a human agent said; *text* is content."""
        self._emit_kind(s.EVENT_MESSAGE_AGENT, text, {})

    def workflow_output(self, *, success: bool, value: object = None) -> None:
        """`bot.workflow.output`: how a workflow came out; *value* is content."""
        status = "success" if success else "failure"
        self._emit_kind(s.EVENT_WORKFLOW_OUTPUT, None, {s.BOT_WORKFLOW_STATUS: status, s.BOT_WORKFLOW_VALUE: value})

    def feedback(self, score: float | None = None, comment: str | None = None) -> None:
        """`bot.feedback`: what the user thought of it; *comment* is content."""
        self._emit_kind(s.EVENT_FEEDBACK, None, {s.BOT_FEEDBACK_SCORE: score, s.BOT_FEEDBACK_COMMENT: comment})

    def flow_start(self, flow: str, *, trigger: str | None = None) -> None:
        """`bot.flow.start`: a flow begins; *trigger* is an intent, an event, another flow."""
        self._emit_kind(s.EVENT_FLOW_START, None, {s.BOT_FLOW_ID: flow, s.BOT_FLOW_TRIGGER: trigger})

    def flow_complete(self, flow: str) -> None:
        """`bot.flow.complete`: a flow came to its end."""
        self._emit_kind(s.EVENT_FLOW_COMPLETE, None, {s.BOT_FLOW_ID: flow})

    def flow_switch(self, origin: str, to: str, *, trigger: str | None = None) -> None:
        """`bot.flow.switch`: the conversation leaves the flow *origin* for the flow *to*."""
        attributes = {s.BOT_FLOW_FROM: origin, s.BOT_FLOW_TO: to, s.BOT_FLOW_TRIGGER: trigger}
        self._emit_kind(s.EVENT_FLOW_SWITCH, None, attributes)
