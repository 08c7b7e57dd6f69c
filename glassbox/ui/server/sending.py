"""How messages go out to the browsers: those that wait together are written together.

A run sends some eighty. Streamlit 1.67 gives each a turn of the event loop of its own, and uvicorn a system call that
hands the interpreter to another thread and has to ask for it back. The browser gets the same frames in the same order.

This relies on private parts of both; tests/ui/server/test_sending.py says when they change.
"""

from typing import Any

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.runtime import Runtime
from streamlit.runtime.session_manager import ActiveSessionInfo
from uvicorn.protocols.websockets import websockets_sansio_impl
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.protocol import State

MOST = 64
"""Messages between two turns of the event loop; Streamlit gives up a browser that has left 500 of them waiting."""
COMPRESSION = {"level": 2, "memLevel": 7}
WINDOW_BITS = 14
"""How zlib compresses what goes out. By itself uvicorn looks harder in less of it (level 6, 12 bits): 1.7 times the
processor's time for 3 % more bytes. A connection takes 128 kB, in place of 32."""
_flush = AppSession.flush_browser_queue
_send_one = Runtime._send_message
_send = WebSocketsSansIOProtocol.send
_WAITS = "_glassbox_waits"
"""The attribute of a connection that says whether frames of it wait to be written."""


class Several(list[ForwardMsg]):
    """Messages that Streamlit's loop passes on as if they were one."""


def prepare() -> None:
    """Once a process, before the first visitor: have messages that wait together go out together."""
    AppSession.flush_browser_queue = _flush_together  # type: ignore[assignment, method-assign]
    Runtime._send_message = _send_together  # type: ignore[assignment, method-assign]
    WebSocketsSansIOProtocol.send = _write_later  # type: ignore[assignment, method-assign]
    websockets_sansio_impl.ServerPerMessageDeflateFactory = _quick_compression  # type: ignore[assignment, attr-defined]


def _quick_compression(**asked: Any) -> ServerPerMessageDeflateFactory:
    """Return what a connection offers to compress by; of what uvicorn asks for, the window for what comes in counts."""
    quick = {"server_max_window_bits": WINDOW_BITS, "compress_settings": COMPRESSION}
    return ServerPerMessageDeflateFactory(**asked | quick)


def _flush_together(session: AppSession) -> list[Several]:
    waiting = _flush(session)
    return [Several(waiting[start : start + MOST]) for start in range(0, len(waiting), MOST)]


def _send_together(runtime: Runtime, info: ActiveSessionInfo, messages: Several) -> None:
    """Send `messages`, and let go of them. Raises SessionClientDisconnectedError as before."""
    try:
        for message in messages:
            _send_one(runtime, info, message)
    finally:
        messages.clear()  # the loop goes on holding what it sent last


async def _write_later(connection: Any, message: Any) -> None:
    """Make a frame of `message`, to be written with those that follow in this turn of the loop.

    Whatever else is written to the connection takes what waits along, in order.
    """
    frame = message.get("bytes")
    if message["type"] == "websocket.send" and frame is not None and _is_open(connection):
        await connection.writable.wait()
        if _is_open(connection):  # still
            connection.conn.send_binary(frame)
            if not getattr(connection, _WAITS, False):
                setattr(connection, _WAITS, True)
                connection.loop.call_soon(_write, connection)
            return
    await _send(connection, message)


def _is_open(connection: Any) -> bool:
    ours = connection.handshake_complete and not (connection.close_sent or connection.disconnected)
    return ours and connection.conn.state is State.OPEN


def _write(connection: Any) -> None:
    setattr(connection, _WAITS, False)
    if waiting := connection.conn.data_to_send():
        connection.transport.write(b"".join(waiting))
