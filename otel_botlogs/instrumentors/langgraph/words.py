"""What was said: the user's words in a graph's input, the bot's in what a node wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import NoneType
from typing import Any, Final, cast

_USER: Final = ("human", "user")
_NO_MESSAGE: Final = (str, int, float, dict, NoneType)
_BOT: Final = ("ai", "assistant", "AIMessageChunk")


def user_words(value: Any) -> tuple[object, bool]:
    """Return what the user said in a graph's input, and whether that answers an interrupt.

    It is the last message if that is the user's, the value of `Command(resume=…)`, else the whole input.
    """
    if value is None:
        return None, True  # goes on after a breakpoint
    if (resume := getattr(value, "resume", None)) is not None:
        return resume, True
    state = getattr(value, "update", value) if hasattr(value, "goto") else value
    messages = _field(state, "messages")
    if messages is None:
        return state, False
    last = messages[-1] if isinstance(messages, Sequence) and messages and not isinstance(messages, str) else messages
    role, text = _message(last)
    return (text if role in _USER else None), False


def bot_words(written: Any, before: Any) -> tuple[list[object], bool]:
    """Return what the bot said by writing *written* to a state's field, and whether that holds messages.

    *before* is the field as the node got it: what was said there already is not said again.
    """
    if isinstance(written, _NO_MESSAGE):
        return [], False
    items: list[Any] = list(cast("Sequence[Any]", written)) if isinstance(written, list) else [written]
    messages = [item for item in items if _is_message(item)]
    if not messages:
        return [], False
    known = {_identity(item) for item in cast("Sequence[Any]", before)} if isinstance(before, list) else set[object]()
    texts = [
        _message(message)[1]
        for message in messages
        if _message(message)[0] in _BOT and _identity(message) not in known and not getattr(message, "tool_calls", None)
    ]
    return [text for text in texts if text], True


def _is_message(item: Any) -> bool:
    return hasattr(item, "content") and hasattr(item, "type")


def _identity(message: Any) -> object:
    return getattr(message, "id", None) or id(message)


def _message(message: Any) -> tuple[str, object]:
    """Return role and text of a message in any of the ways in which LangChain takes one."""
    if isinstance(message, str):
        return "user", message
    if isinstance(message, tuple):
        pair = cast("tuple[Any, ...]", message)
        return (str(pair[0]), pair[1]) if len(pair) == 2 else ("", None)
    if isinstance(message, Mapping):
        fields = cast("Mapping[str, Any]", message)
        return str(fields.get("role") or fields.get("type")), _text(fields.get("content"))
    return str(getattr(message, "type", "")), _text(getattr(message, "content", None))


def _text(content: Any) -> object:
    if not isinstance(content, list):
        return content
    blocks = cast("list[Any]", content)
    texts = [block if isinstance(block, str) else str(block.get("text") or "") for block in blocks]
    return "".join(texts) or blocks


def _field(state: Any, name: str) -> Any:
    return cast("Mapping[str, Any]", state).get(name) if isinstance(state, Mapping) else getattr(state, name, None)
