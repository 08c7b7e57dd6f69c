"""What the server answers a page, held back for as long as a test wants."""

import re

from playwright.sync_api import Page, WebSocketRoute
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg


class Answers:
    """What the server sends to a page that is to be opened, held back once `holds` is set, run by run."""

    def __init__(self, page: Page) -> None:
        self.holds = False
        self._page = page
        self._held: list[bytes | str] = []
        page.route_web_socket(re.compile("_stcore/stream"), self._connect)

    def _connect(self, browser: WebSocketRoute) -> None:
        self._browser = browser
        browser.connect_to_server().on_message(self._take)

    def _take(self, message: bytes | str) -> None:
        if self.holds:
            self._held.append(message)
        else:
            self._browser.send(message)

    def arrive(self) -> None:
        """Wait until all of a run is held back."""
        while not any(map(_ends_a_run, self._held)):
            self._page.wait_for_timeout(50)

    def let_one_run_through(self) -> None:
        """Send what is held back, to the end of its first run, and give the browser time to draw it."""
        self.arrive()
        ended = False
        while not ended:
            message = self._held.pop(0)
            ended = _ends_a_run(message)
            self._browser.send(message)
        self._page.wait_for_timeout(500)


def _ends_a_run(message: bytes | str) -> bool:
    assert isinstance(message, bytes)
    return ForwardMsg.FromString(message).WhichOneof("type") == "script_finished"
