"""A running service with tokens, in which conversations of every state are full of words to look for.

`HELD` is what was said in conversations that may not be read, `OPEN` in those that may; `SHUT_ID` and `AUTHORED` are
ids that a bot's author gave (of flows, nodes, events) in the former and in the latter.
"""

import json
import secrets
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from botlogs_collector.access.principal import checked_roles
from botlogs_collector.access.token import make_token
from botlogs_collector.access.tokens_file import Tokens, save_tokens
from tests.support.otlp_sink import OtlpSink, otlp_sink
from tests.support.processes import Program, free_ports, until
from tests.support.sender import SECOND, T0, Talk, attributes

HELD = f"tangerine{secrets.token_hex(6)}"
OPEN = f"quince{secrets.token_hex(6)}"
AUTHORED = f"fig{secrets.token_hex(6)}"
SHUT_ID = f"damson{secrets.token_hex(6)}"

_CONFIG = """\
receivers: {{otlp: {{grpc: {{endpoint: "127.0.0.1:{otlp_grpc}"}}, http: {{endpoint: "127.0.0.1:{otlp_http}"}}}}}}
storage: {{dsn: "chdb://{folder}/data"}}
environments:
  sandbox: {{release_delay: 0s}}
  canary: {{release_delay: 1s}}
  production: {{release_delay: 15m}}
release: {{interval: 200ms}}
tail_sampling:
  policies:
    - {{name: no-noise, type: drop, drop: {{drop_sub_policy: [{{name: noisy, type: string_attribute, string_attribute: {{key: bot.id, values: [noise]}}}}]}}}}
    - {{name: everything-else, type: always_sample}}
api: {{http: "127.0.0.1:{http}", grpc: "127.0.0.1:{grpc}"}}
auth: {{tokens_file: "{folder}/tokens.yaml"}}
exporters: {{otlp: [{{name: sink, endpoint: "{sink}", protocol: http, start_at: beginning}}]}}
"""  # noqa: E501
_PORTS = ("otlp_grpc", "otlp_http", "http", "grpc")
# Tells the routes of its applications when it has started.
_TELL_ROUTES = """
import json
from botlogs_collector import app
class Told(app.Service):
    async def __aenter__(self):
        await super().__aenter__()
        routes = {key: [[r.path, sorted(r.methods or ())] for r in each.routes] for key, each in self.http_apps.items()}
        print("routes " + json.dumps(routes), flush=True)
        return self
app.Service = Told
"""
_WHO: dict[str, tuple[list[str], list[str]]] = {
    "sender": (["sender"], []),
    "developer": (["developer"], []),
    "analyst": (["analyst"], []),
    "operator": (["operator"], []),
    "investigator": (["investigator"], []),
    "other-bot": (["investigator"], ["bank"]),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """The service, who may come in, and what was told."""

    folder: Path
    ports: dict[str, int]
    program: Program
    tokens: dict[str, str]
    routes: dict[str, list[tuple[str, str]]]  # of each HTTP port, as method and path
    sink: OtlpSink  # gets what is forwarded
    talks: dict[str, Talk]  # by state: ongoing, held, dropped; live, released

    @property
    def url(self) -> str:
        """Where the query API is."""
        return f"http://127.0.0.1:{self.ports['http']}"

    @property
    def otlp_url(self) -> str:
        """Where OTLP/HTTP is."""
        return f"http://127.0.0.1:{self.ports['otlp_http']}"

    def headers(self, name: str) -> dict[str, str]:
        """Return the header that *name* shows; none for nobody."""
        return {"authorization": f"Bearer {self.tokens[name]}"} if name in self.tokens else {}

    def send(self, talk: Talk) -> None:
        """Send what *talk* gathered."""
        for signal, message in (("traces", talk.spans), ("logs", talk.logs)):
            headers = {"content-type": "application/x-protobuf", **self.headers("sender")}
            request = urllib.request.Request(f"{self.otlp_url}/v1/{signal}", message.SerializeToString(), headers)
            urllib.request.urlopen(request, timeout=60).close()

    def state(self, talk: Talk) -> object:
        """Return the state of a conversation."""
        request = urllib.request.Request(
            f"{self.url}/api/v1/conversations/{talk.conversation_id}", headers=self.headers("operator")
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)["state"]


@contextmanager
def guarded(folder: Path) -> Generator[Guarded]:
    """Start the service with somebody behind it, tell it a conversation of every state, and stop it."""
    with otlp_sink() as sink, _guarded(folder, sink) as service:
        yield service


@contextmanager
def _guarded(folder: Path, sink: OtlpSink) -> Generator[Guarded]:
    ports: dict[str, int] = dict(zip(_PORTS, free_ports(len(_PORTS)), strict=True))
    tokens, kept = dict[str, str](), Tokens()
    for name, (roles, bots) in _WHO.items():
        tokens[name], token = make_token(name, checked_roles(roles), frozenset(bots), now_s=0)
        kept = kept.with_token(token)
    save_tokens(folder / "tokens.yaml", kept)
    config = folder / "botlogs.yaml"
    config.write_text(_CONFIG.format(folder=folder, sink=sink.endpoint, **ports), encoding="utf-8")
    program = Program("serve", "--config", str(config), code=_TELL_ROUTES)
    try:
        told = json.loads(program.wait_for_line("routes ").partition(" ")[2])
        program.wait_for_line("ready")
        routes = {key: [(method, path) for path, methods in each for method in methods] for key, each in told.items()}
        talks = {
            "ongoing": tell("production", HELD, HELD, ends=False),
            "held": tell("production", HELD, HELD),
            "dropped": tell("canary", HELD, HELD, bot="noise"),
            "live": tell("sandbox", OPEN, "plum", ends=False),
            "released": tell("canary", OPEN, "plum"),
        }
        service = Guarded(
            folder=folder, ports=ports, program=program, tokens=tokens, routes=routes, sink=sink, talks=talks
        )
        for talk in talks.values():
            service.send(talk)
        for state, talk in talks.items():
            until(lambda state=state, talk=talk: service.state(talk) == state or None)
        yield service
    finally:
        program.stop()


def tell(environment: str, word: str, names: str, *, bot: str = "shop", ends: bool = True) -> Talk:
    """Return a conversation that says *word* wherever content can be, and *names* in names that are not."""
    talk = Talk(f"{environment}-{secrets.token_hex(6)}", environment=environment, bot=bot, scope=f"scope {names}")
    authored = SHUT_ID if word == HELD else AUTHORED
    talk.log("bot.message.user", f"said {word}", at=0, user__note=word)
    span = talk.node(authored, start=1, end=2, bot__flow__id=authored, bot__node__name=f"name {names}")
    talk.log("bot.api", {"deep": [word]}, at=1.5, span=span, bot__api__response=word, url__full=f"https://x/{word}")
    talk.log("bot.variable.set", at=1.6, span=span, bot__variable__name="order", bot__variable__new=word)
    talk.log(authored, f"{word} in an event of another sender", at=1.7, **{f"key_{names}": word})  # pyright: ignore[reportArgumentType]
    talk.log("bot.error", at=1.8, severity=17, exception__message=word, exception__stacktrace=word)
    failed = talk.span(f"span {names}", start=2, end=3, error=f"failed {word}", input__value=word, list=[word])
    failed.trace_state = f"a={word}"
    thrown = attributes({"exception.message": word})
    failed.events.add(name=f"event {names}", time_unix_nano=T0 + 2 * SECOND, attributes=thrown)
    why = attributes({"why": word})
    failed.links.add(trace_id=b"\1" * 16, span_id=b"\2" * 8, trace_state=f"b={word}", attributes=why)
    definition = json.dumps({"name": names, "nodes": [{"id": authored, "name": names}]})
    talk.log("bot.flow.definition", definition, at=0.5, bot__flow__id=f"flow-{talk.conversation_id}")
    if ends:
        talk.log("bot.conversation.end", word, at=4, bot__conversation__end__reason=names)
    return talk
