"""What looking inside costs: `python -m benchmarks.inside`.

For each network: a run that gives every inner tensor against the plain run, at batch 1, and the time of one `terms`
call for the costliest cell that was found (a cell's time is its median over several calls). For each convolution: what
its linked grid sends to the browser in a rerun, against the same numbers as plain JSON.
"""

import json
from collections.abc import Mapping
from functools import partial

import numpy as np

from benchmarks.measure import by_turns, report
from glassbox.digits import images, strokes
from glassbox.digits.tensors import rescaled
from glassbox.engine.session import Session
from glassbox.explain.convolution import stages
from glassbox.explain.terms.explain import Inside, Tapped, terms
from glassbox.ui.components import convolution
from glassbox.zoo import digit_models

CELLS = 12  # of each tensor
OPAQUE = np.full((280, 280), 255, np.uint8)


def main() -> None:
    found = digit_models.load()
    models = {name: found.model_bytes(name) for name in found.cards}
    measure(models)
    for name in ("cnn", "cnn_deep"):
        sent(name, models[name])


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


def sent(name: str, model: bytes) -> None:
    """Report the bytes of every grid of a network that reads the first hand-drawn digit."""
    digit = images.prepare_pixels(np.dstack([255 - strokes.draw(strokes.SAMPLES[0].strokes)] * 3 + [OPAQUE])).digit
    inside = Tapped(model).run({"picture": rescaled(digit)[None, None]})
    for stage in stages(model):
        after = inside.tensors[stage.after]
        packed = len(json.dumps(convolution.payload(stage, inside.tensors, digit, convolution.strongest(after))))
        plain = len(json.dumps([inside.tensors[each].tolist() for each in (stage.source, stage.after, stage.kernel)]))
        report(f"{name}: grid of {stage.after} / plain JSON ({plain / 1e3:.0f} kB)", packed / plain, "x", 1)
        report(f"{name}: grid of {stage.after}, a rerun", packed / 1e3, "kB", 60)


def picture(session: Session) -> dict[str, np.ndarray]:
    """A picture to feed: noise, which costs what a digit costs."""
    ((name, shape),) = session.inputs.items()
    size = [1 if isinstance(length, str) else length for length in shape]
    return {name: np.random.default_rng(0).random(size, np.float32)}


if __name__ == "__main__":
    main()
