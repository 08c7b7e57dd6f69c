"""A bound on the head of an HTTP request.

httptools, by which uvicorn parses requests, keeps the head until it is whole, however long it gets: this ends the
connection instead. It relies on the names of uvicorn's callbacks; tests/serving/test_alone.py says when they change.
"""

from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST = 65_536
"""Bytes of a head, of the trailer behind a body, or of a chunk's extension: as many as h11 takes."""
_received = HttpToolsProtocol.data_received
_whole_head = HttpToolsProtocol.on_headers_complete
_body = HttpToolsProtocol.on_body


def prepare() -> None:
    """Once a process, before the first connection."""
    HttpToolsProtocol.data_received = _data_received  # type: ignore[assignment, method-assign]
    HttpToolsProtocol.on_headers_complete = _on_headers_complete  # type: ignore[assignment, method-assign]
    HttpToolsProtocol.on_body = _on_body  # type: ignore[assignment, method-assign]


def _data_received(connection: Any, data: bytes) -> None:
    """Parse `data`; end the connection where too much has come that is neither a whole head nor part of a body."""
    connection.unparsed = getattr(connection, "unparsed", 0) + len(data)
    _received(connection, data)
    if connection.unparsed > MOST and not connection.transport.is_closing():
        if connection.cycle is None or connection.cycle.response_complete:
            connection.send_400_response("The head of the request is too long.")
        else:
            connection.transport.close()


def _on_headers_complete(connection: Any) -> None:
    connection.unparsed = 0
    _whole_head(connection)


def _on_body(connection: Any, body: bytes) -> None:
    connection.unparsed = 0
    _body(connection, body)
