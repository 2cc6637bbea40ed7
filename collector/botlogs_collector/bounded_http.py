"""HTTP/1.1 with a limit on a request's head: the parser in C keeps any number of headers of any length."""

from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES: Final = 64 * 1024  # address and headers; the longest in use are cursors, of 16 KiB
_SAID: Final = b"the address and headers of a request have at most %d bytes\n" % MAX_HEAD_BYTES
_TOO_LARGE: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: %d\r\nconnection: close\r\n\r\n%s"
) % (len(_SAID), _SAID)
_A_LINE: Final = len(b": \r\n")
_NOT_HTTP: Final = (
    "this is no HTTP/1.1 request: check the method and the address; TLS and gRPC (HTTP/2) are not spoken on this port\n"
)


class BoundedHttp(HttpToolsProtocol):
    """Answers 431 and closes as soon as a head is longer than MAX_HEAD_BYTES."""

    _in_head = True
    _so_far = 0  # bytes of a head that has not ended yet
    _is_refused = False

    def data_received(self, data: bytes) -> None:
        """Take what came; of a head that goes on, its length so far counts."""
        if self._is_refused:
            return
        self._so_far += len(data)
        super().data_received(data)
        if self._in_head and self._so_far > MAX_HEAD_BYTES:
            self._refuse()

    def on_headers_complete(self) -> None:
        """Pass a head on that is within the limit; the limits of what follows are the application's."""
        self._in_head = False
        length = len(self.url) + sum(len(name) + len(value) + _A_LINE for name, value in self.headers)
        if length > MAX_HEAD_BYTES:
            self._refuse()
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Pass the body of a request on that was heard."""
        if not self._is_refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Begin to count anew."""
        self._in_head, self._so_far = True, 0
        if not self._is_refused:
            super().on_message_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  # the parser's words help nobody
        """Say what may be wrong with what the parser cannot read."""
        super().send_400_response(_NOT_HTTP)

    def _refuse(self) -> None:
        if not self._is_refused and not self.transport.is_closing():
            self._is_refused = True
            self.transport.write(_TOO_LARGE)
            self.transport.close()
