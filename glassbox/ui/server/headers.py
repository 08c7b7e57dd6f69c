"""Who may ask, and what every answer says to the browser: which hosts are ours, and what a page of ours may load."""

import os

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config

from glassbox.serving.origins import known
from glassbox.serving.service import PREFIXES
from glassbox.serving.settings import METRICS
from glassbox.serving.workers import COOKIE, WORKER

FRAME_ANCESTORS = "GLASSBOX_FRAME_ANCESTORS"
"""Environment variable: the sites that may show the dashboard in a frame, as in Content-Security-Policy."""


def content_security_policy(frame_ancestors: str) -> str:
    """Return the policy that Streamlit's frontend and our components need, and nothing more."""
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",  # components v2 are imported from blobs
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self' ws: wss: data: blob:",
            "media-src 'self' blob:",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            f"frame-ancestors {frame_ancestors}",
        )
    )


class Guard:
    """ASGI middleware: refuses hosts that are not ours, closes the metrics, and adds the headers of security."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.policy = content_security_policy(os.environ.get(FRAME_ANCESTORS, "'self'"))
        self.allowed = (*config.get_option("server.allowedHosts"), config.get_option("browser.serverAddress"))
        self.metrics = os.environ.get(METRICS) == "1"
        self.worker = os.environ.get(WORKER, "")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        program = scope["path"].startswith(PREFIXES) and "origin" not in headers  # see glassbox.serving.origins
        if not program and not known(headers.get("host", ""), self.allowed):
            await self._refuse(scope, receive, send, "This host is not known here: add it to server.allowedHosts.", 421)
        elif scope["path"].rstrip("/").endswith("/_stcore/metrics") and not self.metrics:
            await self._refuse(scope, receive, send, f"Closed: set {METRICS}=1 to open it.", 404)
        elif scope["type"] == "websocket":
            await self.app(scope, receive, send)
        else:
            leads_elsewhere = self.worker and not program and f"{COOKIE}={self.worker}" not in headers.get("cookie", "")

            async def with_headers(message: Message) -> None:
                if message["type"] == "http.response.start":
                    headers = MutableHeaders(scope=message)
                    if leads_elsewhere:
                        headers.append("set-cookie", f"{COOKIE}={self.worker}; Path=/; HttpOnly; SameSite=Lax")
                    headers["content-security-policy"] = self.policy
                    headers["x-content-type-options"] = "nosniff"
                    headers["referrer-policy"] = "no-referrer"
                await send(message)

            await self.app(scope, receive, with_headers)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, why: str, status: int) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})  # before it is accepted: a 403
        else:
            await PlainTextResponse(why, status)(scope, receive, send)
