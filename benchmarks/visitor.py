"""A visitor without a browser: one session with a running dashboard, over its WebSocket as Streamlit's frontend."""

import asyncio
from collections.abc import Iterable
from http.cookiejar import CookieJar
from time import perf_counter
from urllib.parse import urlsplit
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

import websockets
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

PATIENCE = 60.0
"""Seconds after which a run that has not ended is given up."""


XSRF_COOKIE = "_streamlit_xsrf"


class Visitor:
    """One tab: `page` is a page's address, "" for the first screen, `query` what follows the question mark.

    A run that has not ended after `patience` seconds is given up."""

    patience = PATIENCE

    def __init__(self, url: str, page: str = "", query: str = "") -> None:
        self.url, self.page, self.query = url.rstrip("/"), page, query
        self.elements: dict[tuple[int, ...], Element] = {}
        self.session_id = ""
        self._page_hash = ""
        self._sent: dict[str, ForwardMsg] = {}  # by their hashes: the server only names them when they come again

    async def __aenter__(self) -> "Visitor":
        cookies = CookieJar()
        self._opener = build_opener(HTTPCookieProcessor(cookies))
        await asyncio.to_thread(_get, self._opener, f"{self.url}/_stcore/health")
        address = urlsplit(self.url)
        headers = {"Cookie": "; ".join(f"{cookie.name}={cookie.value}" for cookie in cookies)}
        self._token = next((cookie.value for cookie in cookies if cookie.name == XSRF_COOKIE), "") or ""
        self.socket = await websockets.connect(
            f"ws://{address.netloc}/_stcore/stream",
            subprotocols=[websockets.Subprotocol("streamlit")],
            origin=websockets.Origin(self.url),
            additional_headers=headers,
            max_size=None,
            ping_interval=None,
            proxy=None,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.socket.close()

    async def run(self) -> float:
        """Ask for a run of the page and return the seconds until it has ended."""
        asked = self._asked()
        asked.rerun_script.cached_message_hashes.extend(self._sent)
        return await self.send(asked)

    async def change(self, states: Iterable[WidgetState], fragment: str = "") -> float:
        """Send `states` as if widgets had changed, and return the seconds until the run that answers, of the page or of
        one fragment of it, has ended."""
        asked = self._asked()
        asked.rerun_script.fragment_id = fragment
        asked.rerun_script.widget_states.widgets.extend(states)
        return await self.send(asked)

    async def upload(self, name: str, content: bytes) -> FileURLs:
        """Upload a file to the address that the server names for it, and return what it is called by there."""
        asked = BackMsg()
        asked.file_urls_request.request_id = name
        asked.file_urls_request.file_names.append(name)
        asked.file_urls_request.session_id = self.session_id
        await self.socket.send(asked.SerializeToString())
        async with asyncio.timeout(PATIENCE):
            while (answer := await self._next()).WhichOneof("type") != "file_urls_response":
                self._ended(answer)
        (place,) = answer.file_urls_response.file_urls
        await asyncio.to_thread(self._put, f"{self.url}{place.upload_url}", name, content)
        return place

    async def send(self, asked: BackMsg) -> float:
        """Send a message that starts a run, forged or not, and return the seconds until the run has ended."""
        start = perf_counter()
        await self.socket.send(asked.SerializeToString())
        async with asyncio.timeout(self.patience):
            while not self._ended(await self._next()):
                pass
        return perf_counter() - start

    def drawn(self, kind: str) -> list[Element]:
        """Return the elements of a type that the page shows."""
        return [one for one in self.elements.values() if one.WhichOneof("type") == kind]

    def exceptions(self) -> list[str]:
        """Return the exceptions that the page shows."""
        return [one.exception.message for one in self.drawn("exception")]

    def refusals(self) -> list[str]:
        """Return what the page says in red: what it was sent and cannot take."""
        return [one.alert.body for one in self.drawn("alert") if one.alert.format == Alert.ERROR]

    def _asked(self) -> BackMsg:
        """Return a message that asks for a run of the page."""
        asked = BackMsg()
        asked.rerun_script.query_string = self.query
        asked.rerun_script.page_script_hash = self._page_hash
        asked.rerun_script.page_name = "" if self._page_hash else self.page
        return asked

    def _put(self, url: str, name: str, content: bytes) -> None:
        bound = "glassbox-load"
        head = f'--{bound}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
        headers = {"Content-Type": f"multipart/form-data; boundary={bound}", "X-Xsrftoken": self._token}
        body = head + content + f"\r\n--{bound}--\r\n".encode()
        with self._opener.open(Request(url, body, headers, method="PUT"), timeout=PATIENCE):
            pass

    async def _next(self) -> ForwardMsg:
        message = ForwardMsg()
        message.ParseFromString(await self.socket.recv(decode=False))
        if message.WhichOneof("type") == "ref_hash":
            message = self._sent.get(message.ref_hash, message)
        elif message.metadata.cacheable:
            self._sent[message.hash] = message
        return message

    def _ended(self, message: ForwardMsg) -> bool:
        match message.WhichOneof("type"):
            case "new_session":
                self.elements = {}
                self.session_id = message.new_session.initialize.session_id or self.session_id
            case "page_info_changed":
                self.query = message.page_info_changed.query_string
            case "navigation":
                self._page_hash = message.navigation.page_script_hash
            case "delta" if message.delta.WhichOneof("type") == "new_element":
                self.elements[tuple(message.metadata.delta_path)] = message.delta.new_element
            case "script_finished":
                return message.script_finished != ForwardMsg.ScriptFinishedStatus.FINISHED_EARLY_FOR_RERUN
        return False


def _get(opener: OpenerDirector, url: str) -> None:
    with opener.open(url, timeout=PATIENCE):
        pass
