"""Which pages in a browser may speak to us: a program's requests have no Origin, a page's have one wherever they count.

A browser sends Origin with every POST of a page, and a page can't leave it out. Whoever asks without one is no page
elsewhere that borrows a visitor's browser: a host name that is unknown here is no reason to refuse a program, which may
reach us by any name that a network has for this machine.
"""

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

KNOWN_HOSTS = ("localhost", "*.localhost", "*.streamlit.app")


def known(host: str, allowed: Iterable[str]) -> bool:
    """Whether the Host header `host` is ours: an address, a name of this machine, or one of the `allowed` (`*.` for all
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


def own(origin: str, host: str, allowed: Iterable[str]) -> bool:
    """Whether the page at `origin` is one of the server that was asked as `host`, by a name that is `known`."""
    try:
        return urlsplit(origin).netloc.lower() == host.lower() and known(host, allowed)
    except ValueError:
        return False
