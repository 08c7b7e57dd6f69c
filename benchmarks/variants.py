"""What a network's compressed versions cost beside it: `python -m benchmarks.variants`.

The time of each version as a multiple of its network's, by turns, with the size of its file and its accuracy; and how
long measuring all of them takes, as the page on sustainability does.
"""

from time import perf_counter

import numpy as np

from benchmarks.measure import by_turns, report
from glassbox.digits import strokes
from glassbox.engine.session import Session
from glassbox.trust.cost import compression, energy, footprint
from glassbox.zoo import digit_models

ROUNDS = 200
FASTER = {"mlp_narrow": 0.95, "cnn_narrow": 0.9, "cnn_deep_narrow": 0.6, "cnn_deep_int8_static": 0.8}
"""Versions that are meant to be faster than their networks, and how much."""


def main() -> None:
    versions = compression.versions(digit_models.load())
    picture = np.random.default_rng(0).random((28, 28), np.float32)
    for of in compression.networks():
        own = [version for version in versions if version.of == of]
        seconds = by_turns({version.kind: prediction(version.model, picture) for version in own}, ROUNDS, repeats=20)
        print(f"{of}: {1e6 * seconds['fp32']:.1f} us")
        for version in own:
            ratio = seconds[version.kind] / seconds["fp32"]
            what = f"{version.name}: {len(version.model):,} bytes, {version.accuracy.value:.2%}; time / FP32"
            if version.name in FASTER:
                report(what, ratio, "x", FASTER[version.name])
            else:
                print(f"{what:<58} {ratio:9.3g} x")
    digit = strokes.draw(strokes.SAMPLES[0].strokes, 28, 2.0)
    start = perf_counter()
    found = footprint.measure(versions, digit, energy.counter())
    report(f"measuring all {len(found)} versions", perf_counter() - start, "s", footprint.COUNTER_LIMIT)
    clear = sum(one.cost.joules.clear for one in found.values())
    print(f"{'readings that exceed their noise':<58} {clear:9} of {len(found)}")


def prediction(model: bytes, picture: np.ndarray):  # type: ignore[no-untyped-def]
    session = Session(model)
    ((name, shape),) = session.inputs.items()
    feeds = {name: picture.reshape([1 if isinstance(size, str) else size for size in shape])}
    return lambda: session.run(feeds)


if __name__ == "__main__":
    main()
