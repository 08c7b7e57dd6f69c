"""What attribution costs: `python -m benchmarks.attribution`. Each method once, its scores, and all of one picture."""

from collections.abc import Callable
from functools import partial

import numpy as np

from benchmarks.measure import by_turns, report
from glassbox.explain.attribution import faithfulness as f
from glassbox.explain.attribution import methods as a
from glassbox.zoo import digit_models

METHODS: dict[str, f.Method] = {
    "saliency": a.saliency,
    "gradient x input": a.gradient_times_input,
    "SmoothGrad": a.smoothgrad,
    "integrated gradients": lambda *given: a.integrated_gradients(*given).map,
    "Grad-CAM": a.grad_cam,
    "occlusion": a.occlusion,
    "RISE": a.rise,
}
LIMITS = {("cnn", "integrated gradients"): 60.0}  # milliseconds


def main() -> None:
    found = digit_models.load()
    measure({name: found.model_bytes(name) for name in found.cards})


def measure(models: dict[str, bytes]) -> None:
    picture = np.zeros((28, 28), np.float32)
    picture[4:24, 12:16] = picture[4:7, 8:16] = 1
    for name, model in models.items():
        network = a.Network(model)
        calls: dict[str, Callable[[], object]] = {}
        for method, function in METHODS.items():
            if method != "Grad-CAM" or name.startswith("cnn"):
                calls[method] = partial(function, network, picture, 7)
                calls[f"{method}, scored"] = partial(scored, network, picture, function)
        seconds = by_turns(calls, rounds=3)
        for method, value in seconds.items():
            report(f"{name}: {method}", 1e3 * value, "ms", LIMITS.get((name, method), float("inf")))
        total = sum(value for method, value in seconds.items() if method.endswith("scored"))
        report(f"{name}: all maps with their scores", 1e3 * total, "ms", 2000)


def scored(network: a.Network, picture: np.ndarray, method: f.Method) -> f.Scores:
    return f.scores(network, picture, 7, method(network, picture, 7), method)


if __name__ == "__main__":
    main()
