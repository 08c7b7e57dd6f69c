"""Where the dashboard is, for whoever starts it, without asking a stranger's server which address this machine has.

Streamlit 1.67 asks one at each start, to print the answer, and again, while every visitor waits, when a page of another
site knocks; and it ends where there is no room for what it prints. Its words are switched off in
.streamlit/config.toml.
"""

from streamlit import config, net_util
from streamlit.web.server import server_util

_EVERYWHERE = ("", "0.0.0.0", "::")


def prepare() -> None:
    """Once a process: ask nobody, and print the addresses for this machine and for its network."""
    net_util.get_external_ip = lambda: None
    print("The dashboard can be opened at", " or ".join(_addresses()), flush=True)


def _addresses() -> list[str]:
    at: str = config.get_option("server.address") or ""
    if config.is_manually_set("browser.serverAddress"):
        at = config.get_option("browser.serverAddress")
    if at.startswith("unix://"):
        return [at]
    hosts = ["localhost", net_util.get_internal_ip()] if at in _EVERYWHERE else [at]
    return [server_util.get_url(host) for host in hosts if host]
