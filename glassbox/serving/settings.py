"""What whoever runs the service can set, each by an environment variable, and within what bounds."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

PREFIX = "GLASSBOX_SERVICE"
METRICS = "GLASSBOX_METRICS"
"""Environment variable: "1" opens the metrics, those of the dashboard's server too."""


@dataclass(frozen=True)
class Settings:
    """`on`: whether the service stands beside the pages.

    Of a request: the most bytes of its `body`, and the most `seconds` to send it and to answer it. Of dynamic batching:
    the `window` in milliseconds that a request waits for others, and the most rows of a `batch`. `metrics`: whether
    /metrics is open. `hosts`: the names by which pages of this server are asked for; `origins`: the sites whose pages
    may ask too, as "https://school.example".
    """

    on: bool = True
    body: int = 8_000_000
    seconds: float = 30.0
    window: float = 0.0
    batch: int = 64
    metrics: bool = False
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Return the settings. Raises ValueError, naming the variable, for one that is not what it should be."""
        found: dict[str, object] = {"metrics": environment.get(METRICS) == "1"}
        if PREFIX in environment:
            found["on"] = environment[PREFIX] != "0"
        if f"{PREFIX}_ORIGINS" in environment:
            found["origins"] = tuple(environment[f"{PREFIX}_ORIGINS"].split())
        return cls(**found)  # type: ignore[arg-type]
