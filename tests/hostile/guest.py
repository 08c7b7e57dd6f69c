"""A visitor who uses a page as its frontend would: chooses, types and uploads."""

import asyncio
from urllib.request import Request, urlopen

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from benchmarks.visitor import PATIENCE
from tests.hostile.attacker import Attacker, Widget, trigger

QUIET = 0.5
"""Seconds without a message after which no run follows upon the last."""


class Guest(Attacker):
    """A visitor who uses the page as its frontend would."""

    async def use(self, kind: str, key: str, **value: object) -> None:
        """Change the widget of a kind with `key` in its id; waits for all runs that follow."""
        state = WidgetState(id=self.find(kind, key).id)
        for field, given in value.items():
            if isinstance(given, list):
                getattr(state, field).data.extend(given)
            else:
                setattr(state, field, given)
        await self.forge([state])
        await self.settle()

    def find(self, kind: str, key: str) -> Widget:
        return next(one for one in self.kind(kind) if key in one.name)

    async def go(self, page: str, query: str = "lang=en") -> None:
        self.page, self.query, self._page_hash = page, query, ""
        await self.run()
        await self.settle()

    async def settle(self) -> None:
        while True:
            try:
                self._ended(await asyncio.wait_for(self._next(), QUIET))
            except TimeoutError:
                return

    async def type(self, text: str) -> None:
        box = self.find("text_box", "")
        event = trigger(box, {"event": "typed", "value": {"text": text, "count": len(text)}})
        await self.forge([WidgetState(id=box.id, json_value="{}"), event])
        await self.settle()

    async def upload(self, name: str, data: bytes, key: str = "") -> None:
        """Upload a file and, with a `key`, give it to that field; without one nobody ever reads it."""
        asked = BackMsg()
        asked.file_urls_request.file_names.append(name)
        asked.file_urls_request.session_id = self.session_id
        await self.socket.send(asked.SerializeToString())
        while (message := await self._next()).WhichOneof("type") != "file_urls_response":
            self._ended(message)
        urls = message.file_urls_response.file_urls[0]
        await asyncio.to_thread(self._put, urls.upload_url, name, data)
        if key:
            state = WidgetState(id=self.find("file_uploader", key).id)
            state.file_uploader_state_value.uploaded_file_info.add(
                name=name, size=len(data), file_id=urls.file_id, file_urls=urls
            )
            await self.forge([state])
            await self.settle()

    def _put(self, path: str, name: str, data: bytes) -> None:
        request = self.socket.request
        assert request is not None
        cookie = request.headers["Cookie"]
        token = cookie.partition("_streamlit_xsrf=")[2].partition(";")[0]
        head = f'Content-Disposition: form-data; name="file"; filename="{name}"'  # by which its kind is told
        body = b"--edge\r\n" + head.encode() + b"\r\n\r\n" + data + b"\r\n--edge--\r\n"
        headers = {"Content-Type": "multipart/form-data; boundary=edge", "Cookie": cookie, "X-Xsrftoken": token}
        with urlopen(Request(self.url + path, body, headers, method="PUT"), timeout=PATIENCE):
            pass
