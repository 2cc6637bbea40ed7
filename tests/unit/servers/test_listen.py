"""The sockets that servers listen on."""

import asyncio
import socket

from botlogs_collector.servers import listen


def test_small_answers_leave_at_once() -> None:
    """Nagle's algorithm is off for every connection: an answer does not wait for the client's acknowledgement."""

    async def accepted_is_without_delay() -> int:
        answers: asyncio.Queue[int] = asyncio.Queue()

        def connected(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            accepted = writer.get_extra_info("socket")
            answers.put_nowait(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        server = await asyncio.start_server(connected, sock=listen("127.0.0.1:0", "api.http"))
        async with server:
            _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            async with asyncio.timeout(10):
                without_delay = await answers.get()
            writer.close()
        return without_delay

    assert asyncio.run(accepted_is_without_delay())
