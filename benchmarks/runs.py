"""Processor time of one run of each page: `python -m benchmarks.runs [--runs 20]`.

What the page's own script takes in its thread, apart from what Streamlit's server does before, beside and after it.
"""

import argparse
from collections import defaultdict
from importlib import import_module
from statistics import median
from time import thread_time

from streamlit.logger import set_log_level

from glassbox.ui.frame.places import PLACES
from tests.ui.dashboard import visit

GOAL = 20.0
"""Milliseconds."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.runs", description=__doc__)
    parser.add_argument("--runs", type=int, default=20, help="runs of each page after the first")
    runs = parser.parse_args().runs
    set_log_level("error")  # it warns each time that no server runs around the page
    times = timed_pages()
    for key in PLACES:
        app = visit(key)
        times.clear()
        for _ in range(runs):
            app.run()
        (taken,) = times.values()
        own = sorted(1000 * seconds for seconds in taken)
        print(
            f"{key:<16}{median(own):6.1f} ms, {own[0]:.1f} to {own[-1]:.1f}{'' if median(own) <= GOAL else '  above'}"
        )


def timed_pages() -> dict[str, list[float]]:
    """Have Streamlit time each page's script, and return where the seconds are collected, by the page's title."""
    times: dict[str, list[float]] = defaultdict(list)
    page = import_module("streamlit.navigation.page").Page
    run = page.run

    def timed(self: object) -> None:
        start = thread_time()
        try:
            run(self)
        finally:
            times[self.title].append(thread_time() - start)  # type: ignore[attr-defined]

    page.run = timed
    return times


if __name__ == "__main__":
    main()
