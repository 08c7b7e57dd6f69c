"""`python -m glassbox.ui.server.handed_over run dashboard.py`: Streamlit as one of several processes at one address.

Such a process listens at no address. It has an end of a socket pair instead, on which connections arrive, each as its
file descriptor: see glassbox/serving/workers.py. This relies on a private function of Streamlit 1.67;
tests/serving/test_workers.py says when it changes.
"""

import os
import signal
import socket
from typing import Any

from streamlit.web import cli
from streamlit.web.server.starlette import starlette_server

from glassbox.serving.workers import CHANNEL


class HandedOver(socket.socket):
    """A listening socket whose connections were accepted elsewhere."""

    def accept(self) -> tuple[socket.socket, Any]:
        """Return the next connection and its peer's address. Raises BlockingIOError if none is there."""
        while True:
            data, descriptors, _, _ = socket.recv_fds(self, 1, 1)
            if not data:  # whoever accepts connections is gone, and no more will come
                os.kill(os.getpid(), signal.SIGTERM)
                raise BlockingIOError
            connection = socket.socket(fileno=descriptors[0])
            try:
                return connection, connection.getpeername()
            except OSError:  # it was closed on its way
                connection.close()

    def listen(self, backlog: int = 0) -> None:
        """Do nothing: the other end listens."""


def main() -> None:
    """Run Streamlit's command with the connections that are handed over instead of a port."""
    descriptor = int(os.environ[CHANNEL])

    def bound(server_address: str, bind_address: str, port: int, backlog: int) -> tuple[socket.socket, str]:
        return HandedOver(fileno=descriptor), bind_address

    starlette_server._bind_server_socket = bound
    cli.main(prog_name="streamlit")


if __name__ == "__main__":
    main()
