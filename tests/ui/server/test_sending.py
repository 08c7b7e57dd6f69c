"""Messages that wait together are written together: in order, all of them, and nothing of them is kept."""

import asyncio
import inspect
from types import SimpleNamespace
from typing import Any, cast

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from streamlit.runtime.runtime import Runtime
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.client import ClientProtocol
from websockets.server import ServerProtocol
from websockets.uri import parse_uri

from glassbox.ui.server import sending


def connected() -> tuple[ClientProtocol, ServerProtocol]:
    """Return both ends of a WebSocket, once they have shaken hands."""
    client, server = ClientProtocol(parse_uri("ws://localhost/")), ServerProtocol()
    client.send_request(client.connect())
    server.receive_data(b"".join(client.data_to_send()))
    (request,) = server.events_received()
    server.send_response(server.accept(cast(Any, request)))
    client.receive_data(b"".join(server.data_to_send()))
    client.events_received()
    return client, server


def connection(server: ServerProtocol, writes: list[bytes]) -> Any:
    """Return what uvicorn's connection is to `sending`."""
    writable = asyncio.Event()
    writable.set()
    transport = SimpleNamespace(write=writes.append, is_closing=lambda: False, close=lambda: None)
    return SimpleNamespace(
        handshake_complete=True,
        initial_response=None,
        close_sent=False,
        disconnected=False,
        close_timeout=1.0,
        read_paused=False,
        writable=writable,
        queue=asyncio.Queue(),
        conn=server,
        loop=asyncio.get_running_loop(),
        transport=transport,
    )


def test_frames_of_one_turn_are_written_at_once_and_arrive_in_order() -> None:
    client, server = connected()
    writes: list[bytes] = []

    async def send() -> None:
        browser = connection(server, writes)
        for number in range(5):
            await sending._write_later(browser, {"type": "websocket.send", "bytes": bytes([number])})
        assert not writes
        await asyncio.sleep(0)
        assert len(writes) == 1
        await sending._write_later(browser, {"type": "websocket.send", "bytes": b"later"})
        await asyncio.sleep(0)
        assert len(writes) == 2

    asyncio.run(send())
    client.receive_data(b"".join(writes))
    frames = [cast(Any, event).data for event in client.events_received()]
    assert frames == [*(bytes([number]) for number in range(5)), b"later"]


def test_a_close_takes_what_waits_along_and_nothing_follows_it() -> None:
    client, server = connected()
    writes: list[bytes] = []

    async def send() -> None:
        browser = connection(server, writes)
        await sending._write_later(browser, {"type": "websocket.send", "bytes": b"last"})
        await sending._write_later(browser, {"type": "websocket.close"})
        assert len(writes) == 1
        await asyncio.sleep(0)
        assert len(writes) == 1
        with pytest.raises(RuntimeError):
            await sending._write_later(browser, {"type": "websocket.send", "bytes": b"too late"})

    asyncio.run(send())
    client.receive_data(b"".join(writes))
    assert next(cast(Any, event).data for event in client.events_received()) == b"last"


def test_a_connection_compresses_in_less_time_with_a_larger_window_than_uvicorns() -> None:
    factory = sending._quick_compression(
        server_max_window_bits=12, client_max_window_bits=12, compress_settings={"memLevel": 5}
    )
    answer, extension = factory.process_request_params([("client_max_window_bits", None)], [])
    assert ("server_max_window_bits", str(sending.WINDOW_BITS)) in answer
    assert ("client_max_window_bits", "12") in answer
    assert extension.compress_settings == sending.COMPRESSION


def message(number: int) -> ForwardMsg:
    one = ForwardMsg()
    one.hash = str(number)
    return one


def test_a_session_gives_its_messages_in_a_few_pieces() -> None:
    session: Any = SimpleNamespace(_browser_queue=ForwardMsgQueue())
    assert sending._flush_together(session) == []
    for number in range(sending.MOST + 3):
        session._browser_queue.enqueue(message(number))
    pieces = sending._flush_together(session)
    assert [len(piece) for piece in pieces] == [sending.MOST, 3]
    assert [one.hash for piece in pieces for one in piece] == [str(number) for number in range(sending.MOST + 3)]
    assert sending._flush_together(session) == []


def test_each_message_is_sent_and_none_is_kept() -> None:
    written: list[str] = []
    info: Any = SimpleNamespace(client=SimpleNamespace(write_forward_msg=lambda one: written.append(one.hash)))
    messages = sending.Several(map(message, range(3)))
    sending._send_together(object.__new__(Runtime), info, messages)
    assert written == ["0", "1", "2"]
    assert messages == []


def test_the_private_parts_are_as_they_were() -> None:
    """If this fails, read what changed in Streamlit or uvicorn and mend glassbox/ui/server/sending.py."""
    loop = inspect.getsource(Runtime._loop_coroutine)
    assert "for msg in msg_list:" in loop
    assert "self._send_message(active_session_info, msg)" in loop
    assert inspect.getsource(AppSession.flush_browser_queue).rstrip().endswith("return self._browser_queue.flush()")
    offered = inspect.getsource(WebSocketsSansIOProtocol.__init__)
    assert "ServerPerMessageDeflateFactory(" in offered
    assert "server_max_window_bits=12" in offered
    written = inspect.getsource(WebSocketsSansIOProtocol.send)
    assert "self.conn.send_binary(bytes_data)" in written
    assert 'self.transport.write(b"".join(output))' in written
