"""Who may ask, and what every answer says to the browser: which hosts are ours, and what a page of ours may load."""

import ipaddress
import os
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config

FRAME_ANCESTORS = "GLASSBOX_FRAME_ANCESTORS"
"""Environment variable: the sites that may show the dashboard in a frame, as in Content-Security-Policy."""
METRICS = "GLASSBOX_METRICS"
"""Environment variable: "1" leaves Streamlit's /_stcore/metrics open."""
KNOWN_HOSTS = ("localhost", "*.localhost", "*.streamlit.app")


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


def known(host: str, allowed: Iterable[str]) -> bool:
    """Tell whether a Host header names this server: an address, a known name, or one of the `allowed` (`*.` for all
    below a name, `*` for any). A page elsewhere whose name was pointed at this machine (DNS rebinding) is told apart by
    its name."""
    name = host.rsplit(":", 1)[0] if host.rpartition(":")[2].isdigit() else host
    name = name.strip("[]").rstrip(".").lower()
    try:
        ipaddress.ip_address(name)
        return True
    except ValueError:
        return any(
            one == "*" or name == one or (one.startswith("*.") and name.endswith(one[1:]) and len(name) >= len(one))
            for one in (*KNOWN_HOSTS, *map(str.lower, allowed))
        )


class Guard:
    """ASGI middleware: refuses hosts that are not ours, closes the metrics, and adds the headers of security."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.policy = content_security_policy(os.environ.get(FRAME_ANCESTORS, "'self'"))
        self.allowed = (*config.get_option("server.allowedHosts"), config.get_option("browser.serverAddress"))
        self.metrics = os.environ.get(METRICS) == "1"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        host = Headers(scope=scope).get("host", "")
        if not known(host, self.allowed):
            await self._refuse(scope, receive, send, "This host is not known here: add it to server.allowedHosts.", 421)
        elif scope["path"].rstrip("/").endswith("/_stcore/metrics") and not self.metrics:
            await self._refuse(scope, receive, send, f"Closed: set {METRICS}=1 to open it.", 404)
        elif scope["type"] == "websocket":
            await self.app(scope, receive, send)
        else:

            async def with_headers(message: Message) -> None:
                if message["type"] == "http.response.start":
                    headers = MutableHeaders(scope=message)
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
