"""The chat page of one deployment of the sample bot, and the endpoint behind it."""

import json
import re
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from typing import TYPE_CHECKING, Final, cast

from botlogs_collector.demo.messages import Deployment

if TYPE_CHECKING:  # the port is open before the plugin is loaded
    from botlogs_collector.demo.dialogue import Dialogue

_PAGE: Final = {
    "/": ("chat.html", "text/html; charset=utf-8"),
    "/chat.js": ("chat.js", "text/javascript; charset=utf-8"),
    "/chat.css": ("chat.css", "text/css; charset=utf-8"),
}
_MAX_BODY_BYTES: Final = 20_000
_MAX_TEXT: Final = 2000  # characters
_CONVERSATION_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the page shows beside the chat."""

    environment: str
    console_url: str
    deployments: tuple[Deployment, ...]


class ChatServer(ThreadingHTTPServer):
    """Serves the page; until `open_chat` is called it answers 503."""

    daemon_threads = True
    dialogue: "Dialogue | None" = None
    about: About | None = None

    def __init__(self, port: int) -> None:
        """Listen on loopback.

        Raises:
            OSError: the port is busy.
        """
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def open_chat(self, dialogue: "Dialogue", about: About) -> None:
        """Begin to answer."""
        self.about = about
        self.dialogue = dialogue


class _Handler(BaseHTTPRequestHandler):
    server: ChatServer  # type: ignore[assignment]

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/about" and self.server.about is not None:
            self._answer_json(200, asdict(self.server.about))
        elif path in _PAGE:
            name, kind = _PAGE[path]
            self._answer(200, kind, files("botlogs_collector.demo").joinpath("page", name).read_bytes())
        else:
            self._answer_json(404, {"error": "there is /, /about and POST /chat"})

    def do_POST(self) -> None:
        if self.path != "/chat":
            self._answer_json(404, {"error": "there is POST /chat"})
            return
        # A page of another origin cannot send this type without asking first, and it would be refused.
        if self.headers.get_content_type() != "application/json":
            self._answer_json(415, {"error": "send application/json"})
            return
        if self.server.dialogue is None:
            self._answer_json(503, {"error": "the bot is starting"})
            return
        self._take_turn(self.server.dialogue)

    def _take_turn(self, dialogue: "Dialogue") -> None:
        asked = self._read()
        conversation_id, text = asked.get("conversation_id"), asked.get("text")
        if not isinstance(conversation_id, str) or not _CONVERSATION_ID.fullmatch(conversation_id):
            self._answer_json(400, {"error": "conversation_id: 1 to 64 letters, digits, _ or -"})
        elif text is not None and not (isinstance(text, str) and len(text) <= _MAX_TEXT):
            self._answer_json(400, {"error": f"text: null or up to {_MAX_TEXT} characters"})
        else:
            session = dialogue.session(conversation_id, channel="web", user_id=f"you-{conversation_id}")
            replies = dialogue.take_turn(session, text)
            self._answer_json(200, {"replies": replies, "ended": session.ended})

    def _read(self) -> dict[str, object]:
        length = self.headers.get("content-length", "0")
        if not length.isdigit() or int(length) > _MAX_BODY_BYTES:
            self.close_connection = True
            return {}
        try:
            body: object = json.loads(self.rfile.read(int(length)))
        except ValueError:
            return {}
        return cast("dict[str, object]", body) if isinstance(body, dict) else {}

    def _answer_json(self, status: int, body: object) -> None:
        self._answer(status, "application/json", json.dumps(body).encode())

    def _answer(self, status: int, kind: str, data: bytes) -> None:
        console = self.server.about.console_url if self.server.about else ""
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        self.send_header("cache-control", "no-store")
        self.send_header("x-content-type-options", "nosniff")
        self.send_header(
            "content-security-policy",
            f"default-src 'none'; script-src 'self' {console}; style-src 'self' {console}; img-src 'self' data:; "
            f"connect-src 'self' {console}; worker-src 'self' {console} blob:; base-uri 'none'; form-action 'none'; "
            "frame-ancestors 'none'",
        )
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep quiet: the terminal belongs to the demo."""
