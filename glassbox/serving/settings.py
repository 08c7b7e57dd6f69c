"""What whoever runs the service can set, each by an environment variable, and within what bounds."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from glassbox.serving import keys

PREFIX = "GLASSBOX_SERVICE"
"""What the variables begin with: GLASSBOX_SERVICE_BODY is `body`. Alone, "0" turns the service off."""
METRICS = "GLASSBOX_METRICS"
"""Environment variable: "1" opens the metrics, those of the dashboard's server too."""
_LISTS = ("hosts", "origins")


@dataclass(frozen=True)
class Settings:
    """`on`: whether the service stands beside the pages.

    Of a request: the most bytes of its `body`, and the most `seconds` to send and answer it. Of dynamic batching: the
    `window` in milliseconds that a request waits for others, and the most rows of a `batch`. `rate`: requests a minute
    that a key or, without keys, an address has, 0: any. `keys`: the file of the keys' hashes; without one no key is
    asked for. `metrics`: whether /metrics is open; `log`: whether each request leaves a line of JSON. `hosts`: the
    names by which pages of this server are asked for; `origins`: the sites whose pages may ask too, as
    "https://school.example". `drain`: seconds from the signal to shut down, which makes the service not ready, to the
    last connection that is taken. `drill`: whether whoever has a key may end a replica on Ray Serve, to see what
    callers notice.
    """

    on: bool = True
    body: Annotated[int, Meta(ge=1_000, le=1_000_000_000)] = 10_000_000
    seconds: Annotated[float, Meta(gt=0, le=3_600)] = 30.0
    window: Annotated[float, Meta(ge=0, le=1_000)] = 0.0
    batch: Annotated[int, Meta(ge=1, le=256)] = 64
    rate: Annotated[float, Meta(ge=0, le=1e9)] = 600
    keys: str = ""
    metrics: bool = False
    log: bool = False
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    drain: Annotated[float, Meta(ge=0, le=600)] = 0.0
    drill: bool = False

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Return the settings. Raises ValueError, naming the variable, for one that is not what it should be."""
        names = {one.name: variable(one.name) for one in fields(cls)}
        found: dict[str, object] = {name: environment[of] for name, of in names.items() if of in environment}
        found |= {name: str(found[name]).split() for name in _LISTS if name in found}
        try:
            settings = msgspec.convert(found, cls, strict=False)
        except msgspec.ValidationError as error:
            name = str(error).rpartition("$.")[2].strip("`").partition("[")[0]
            raise ValueError(f"{names.get(name, PREFIX)}: {error}") from None
        if settings.keys:
            keys.load(Path(settings.keys))  # raises for a file without keys
        return settings


def variable(name: str) -> str:
    """Return the environment variable of a setting."""
    return {"on": PREFIX, "metrics": METRICS}.get(name, f"{PREFIX}_{name.upper()}")
