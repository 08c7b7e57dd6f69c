"""What looking inside costs: `python -m benchmarks.inside`.

For each network: a run that gives every inner tensor against the plain run, at batch 1, and the time of one `terms`
call for the costliest cell that was found (a cell's time is its median over several calls).
"""

from collections.abc import Mapping
from functools import partial

import numpy as np

from benchmarks.measure import by_turns, report
from glassbox import zoo
from glassbox.engine import Session
from glassbox.explain.terms import Inside, Tapped, terms

CELLS = 12  # of each tensor


def main() -> None:
    found = zoo.load()
    measure({name: found.model_bytes(name) for name in found.cards})


def measure(models: Mapping[str, bytes]) -> None:
    for name, model in models.items():
        plain, tapped = Session(model), Tapped(model)
        feeds = picture(plain)
        calls = {"plain": lambda s=plain, f=feeds: s.run(f), "all": lambda s=tapped.session, f=feeds: s.run(f)}
        calls["prepared"] = lambda t=tapped, f=feeds: t.run(f)
        seconds = by_turns(calls, rounds=3000)
        many = len(tapped.session.outputs)
        what = f"{name}: run with all {many} tensors / plain run ({1e6 * seconds['plain']:.1f} us)"
        report(what, seconds["all"] / seconds["plain"], "x", 1.5)
        print(f"{'':4}with what `terms` needs prepared {1e6 * seconds['prepared']:.0f} us")
        costliest(name, model, feeds, tapped.run(feeds))


def costliest(name: str, model: bytes, feeds: dict[str, np.ndarray], inside: Inside) -> None:
    """Report the slowest of the cells tried, asked for with the model's bytes and feeds, as a page would."""
    rng = np.random.default_rng(0)
    cells = [
        (tensor, tuple(int(i) for i in rng.integers(0, array.shape)))
        for tensor, array in inside.tensors.items()
        if array.dtype.kind == "f"
        for _ in range(CELLS)
    ]
    calls = {f"{tensor}{list(at)}": partial(terms, model, feeds, tensor, at) for tensor, at in cells}
    seconds = by_turns(calls, rounds=9)
    slowest = max(seconds, key=lambda cell: seconds[cell])
    report(f"{name}: terms of {slowest}, the costliest of {len(calls)}", 1e3 * seconds[slowest], "ms", 2)
    print(f"{'':4}the median cell {1e3 * float(np.median(list(seconds.values()))):.2g} ms")


def picture(session: Session) -> dict[str, np.ndarray]:
    """A picture to feed: noise, which costs what a digit costs."""
    ((name, shape),) = session.inputs.items()
    size = [1 if isinstance(length, str) else length for length in shape]
    return {name: np.random.default_rng(0).random(size, np.float32)}


if __name__ == "__main__":
    main()
