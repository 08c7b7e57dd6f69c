"""How often each client may ask: a leaky bucket for each key or address."""

import ipaddress
import math
from collections import OrderedDict

from aiolimiter import AsyncLimiter

from glassbox.serving.protocol import ServiceError

MOST_CLIENTS = 10_000
"""Buckets that are kept; the one unused for longest makes room. Who changes addresses so often has none anyway."""
_NETWORK = 64
"""Bits of an IPv6 address that name whoever has it: the rest is theirs to choose."""


class Rates:
    """`rate` requests a minute for each client, as many at once at most."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._buckets: OrderedDict[str, AsyncLimiter] = OrderedDict()

    async def take(self, client: str) -> None:
        """Count a request of `client`. Raises ServiceError if there were too many."""
        bucket = self._buckets.get(client)
        if bucket is None:
            bucket = self._buckets[client] = AsyncLimiter(max(self._rate, 1), 60 * max(1, 1 / self._rate))
            if len(self._buckets) > MOST_CLIENTS:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(client)
        if not bucket.has_capacity():
            wait = math.ceil(60 / self._rate)
            raise ServiceError(429, f"more than {self._rate:g} requests a minute", {"retry-after": str(wait)})
        await bucket.acquire()


def client(address: str) -> str:
    """Return the part of a client's address that is one client's."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((found, _NETWORK), strict=False)) if found.version == 6 else address
