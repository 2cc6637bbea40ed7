"""Every route of both HTTP ports, and how each is asked about a conversation."""

from collections.abc import Callable, Sequence

from tests.support.guarded import HELD, SHUT_ID
from tests.support.sender import SECOND, T0, Talk
from tests.support.side_doors import API, OF

_Ask = tuple[str, object]  # the rest of the address, and the body
_AT = str(T0 + SECOND)
_POLICY = {"name": "p", "type": "ottl_condition", "ottl_condition": {"error_mode": "ignore", "span": [f'IsMatch(name, "{HELD[:12]}")']}}  # fmt: skip # noqa: E501


def _nothing(_talk: Talk) -> Sequence[_Ask]:
    return [("", None)]


# Every route of both HTTP ports: how it is asked about a conversation.
HTTP: dict[tuple[str, str], Callable[[Talk], Sequence[_Ask]]] = {
    ("GET", "/healthz"): _nothing,
    ("GET", "/readyz"): _nothing,
    ("GET", "/metrics"): _nothing,
    ("GET", f"{API}/openapi.json"): _nothing,
    ("GET", f"{API}/session"): _nothing,
    ("POST", f"{API}/session"): lambda _: [("", {"token": HELD[:12]})],
    ("DELETE", f"{API}/session"): _nothing,
    ("GET", f"{API}/conversations"): lambda talk: [
        ("", None),
        ("?limit=1", None),
        (f"?q={talk.conversation_id}", None),
        (f"?q={HELD[:12]}", None),
        (f"?node={SHUT_ID}", None),
        (f"?flow={SHUT_ID}", None),
        (f"?tag={SHUT_ID}", None),
        ("?state=held", None),
        ("?state=dropped", None),
        ("?has_error=true", None),
        ("?cursor=abc", None),
        (f"?{HELD[:12]}=1", None),
    ],
    ("GET", OF): lambda talk: [("", None)],
    ("GET", f"{OF}/timeline"): lambda talk: [
        ("", None),
        ("?limit=1", None),
        ("?after=abc", None),
        ("?before=end", None),
        ("?at=1", None),
    ],
    ("GET", f"{OF}/stream"): lambda talk: [("", None), ("?last_event_id=abc", None)],
    ("GET", f"{OF}/trace"): _nothing,
    ("GET", f"{OF}/variable-changes"): lambda talk: [("", None), ("?variable=x&limit=1", None)],
    ("GET", f"{OF}/variables"): lambda talk: [("", None), (f"?at={_AT}", None)],
    ("GET", f"{OF}/path"): _nothing,
    ("GET", f"{OF}/markdown"): _nothing,
    ("GET", f"{OF}/logs"): lambda talk: [
        ("", None),
        (f"?at={T0}", None),
        (f"?at={T0 + 1}", None),
        (f"?q={HELD[:12]}", None),
        ("?event_name=bot.api", None),
        (f"?node_action_id={'0' * 16}", None),
    ],
    ("GET", f"{OF}/node"): lambda talk: [(f"?at={_AT}", None), ("", None)],
    ("POST", f"{OF}/restore"): lambda talk: [("", {"reason": "test"})],
    ("GET", f"{API}/flows/{{id:path}}"): lambda talk: [
        ("", None),
        ("?version=v1", None),
        ("?environment=production", None),
    ],
    ("GET", f"{API}/grants"): _nothing,
    ("POST", f"{API}/grants"): lambda talk: [("", {"scope": {"node_id": HELD[:12]}, "until": "soon", "reason": "x"})],
    ("DELETE", f"{API}/grants/{{id}}"): _nothing,
    ("POST", f"{API}/policies/what-if"): lambda talk: [("", {"policies": [_POLICY], "since": "24h"})],
    **{
        (method, path): _nothing
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
        for path in (API, f"{API}/{{rest:path}}")
    },
    ("GET", "/"): _nothing,
    ("GET", "/login"): _nothing,
    ("GET", "/conversations"): _nothing,
    ("GET", "/conversations/{id:path}"): _nothing,
    ("GET", "/flows/{id:path}"): _nothing,
    ("GET", "/{path:path}"): _nothing,
    ("POST", "/v1/traces"): lambda talk: [("", {"resourceSpans": 7}), ("", {"resourceSpans": []})],
    ("POST", "/v1/logs"): lambda talk: [("", {"resourceLogs": 7})],
    ("POST", "/v1/metrics"): lambda talk: [("", {})],
}
