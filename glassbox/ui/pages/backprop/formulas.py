"""The formulas of a training step as LaTeX, phase by phase: with symbols, and with the numbers of this picture."""

import numpy as np

from glassbox.ui.charts.latex import enclosed, number, probability
from glassbox.ui.pages.backprop.training_step import TrainingStep

_BY_ARCHITECTURE = {
    "forward": {
        "mlp": r"\mathbf h = \mathrm{relu}(W_1 \mathbf x + \mathbf b_1) \\ \mathbf z = W_2 \mathbf h + \mathbf b_2",
        "cnn": r"\mathbf a = \mathrm{relu}(K * \mathbf x + \mathbf b) \\ \mathbf h = \mathrm{maxpool}(\mathbf a)"
        r"\\ \mathbf z = W \mathbf h + \mathbf c",
        "rnn": r"\mathbf h_t = f(W \mathbf x_t + U \mathbf h_{t-1} + \mathbf b) \\"
        r"\mathbf z = V \mathbf h_{28} + \mathbf c",
    },
    "hidden": {
        "mlp": r"\frac{\partial L}{\partial \mathbf h} = W_2^\top \boldsymbol\delta \\ \boldsymbol\delta_h ="
        r"\frac{\partial L}{\partial \mathbf h} \odot \mathrm{relu}'(W_1 \mathbf x + \mathbf b_1)",
        "cnn": r"\frac{\partial L}{\partial \mathbf h} = W^\top \boldsymbol\delta \\"
        r"\frac{\partial L}{\partial a_i} = \begin{cases} \partial L / \partial h & a_i = \max \mathbf a \\"
        r"0 & a_i < \max \mathbf a \end{cases}",
        "rnn": r"\frac{\partial L}{\partial \mathbf h_{28}} = V^\top \boldsymbol\delta \\"
        r"\frac{\partial L}{\partial \mathbf h_{t-1}} ="
        r"U^\top \left( f' \odot \frac{\partial L}{\partial \mathbf h_t} \right)",
    },
    "gradient": {
        "mlp": r"\frac{\partial L}{\partial W_2} = \boldsymbol\delta\, \mathbf h^\top \\"
        r"\frac{\partial L}{\partial W_1} = \boldsymbol\delta_h\, \mathbf x^\top",
        "cnn": r"\frac{\partial L}{\partial W} = \boldsymbol\delta\, \mathbf h^\top \\"
        r"\frac{\partial L}{\partial K_{uv}} = \sum_{r,c} \delta_{rc}\, x_{r+u,\,c+v}",
        "rnn": r"\frac{\partial L}{\partial V} = \boldsymbol\delta\, \mathbf h_{28}^\top \\"
        r"\frac{\partial L}{\partial U} = \sum_{t=1}^{28} \boldsymbol\delta_t\, \mathbf h_{t-1}^\top",
    },
}
_FOR_ALL = {
    "loss": r"L = -\ln p_y",
    "output": r"\boldsymbol\delta = \frac{\partial L}{\partial \mathbf z} = \mathbf p - \mathbf y",
    "update": r"w' = w - \eta\, \frac{\partial L}{\partial w}",
    "result": r"L' = -\ln p'_y",
}


def with_symbols(step: TrainingStep, phase: str) -> str:
    """Return the formula of a phase for this architecture."""
    if phase in _FOR_ALL:
        return _FOR_ALL[phase]
    architecture = "rnn" if step.backward.states else "cnn" if step.model.startswith("cnn") else "mlp"
    return rf"\begin{{gathered}} {_BY_ARCHITECTURE[phase][architecture]} \end{{gathered}}"


def with_numbers(step: TrainingStep, phase: str) -> str:
    """Return the formula of a phase for the followed weight and its cells, every symbol replaced by its number."""
    backward, before = step.backward, step.before
    j, k = step.followed_weight
    scores, errors = before.tensors[backward.score][0], before.errors[backward.score][0]
    share = float(before.probabilities[k])
    weights, gradient = backward.weights[backward.kernel], number(before.gradients[backward.kernel][j, k])
    weight = rf"w_{{{j + 1},{k}}}"
    match phase:
        case "forward":
            return rf"p_{{{k}}} = \frac{{e^{{{number(scores[k])}}}}}{{\sum_i e^{{z_i}}}} = {probability(share)}"
        case "loss":
            return rf"L = -\ln {enclosed(share)} = {number(before.loss)}"
        case "output":
            other = int(np.argmax(np.where(np.arange(len(errors)) == k, -1, errors)))
            return (
                rf"\delta_{{{k}}} = {enclosed(share)} - 1 = {number(errors[k])} \qquad "
                rf"\delta_{{{other}}} = {number(before.probabilities[other])} - 0 = {number(errors[other])}"
            )
        case "hidden":
            largest = np.argsort(-np.abs(weights[j] * errors))[:2]
            first, second = (rf"({number(weights[j, i])})({number(errors[i])})" for i in largest)
            return _aligned(
                rf"\frac{{\partial L}}{{\partial h_{{{j + 1}}}}}",
                rf"\sum_i w_{{{j + 1},i}}\, \delta_i",
                rf"{first} \\ &+ {second} + \dots",
                number(before.errors[backward.features][0][j]),
            )
        case "gradient":
            return _aligned(
                rf"\frac{{\partial L}}{{\partial {weight}}} = h_{{{j + 1}}}\, \delta_{{{k}}}",
                rf"{number(before.tensors[backward.features][0][j])} \cdot ({number(errors[k])})",
                gradient,
            )
        case "update":
            return _aligned(
                f"{weight}'",
                rf"{number(weights[j, k])} - {number(step.rate)} \cdot ({gradient})",
                number(step.update.weights[backward.kernel][j, k]),
            )
        case "result":
            return rf"L' = -\ln {enclosed(float(step.after.probabilities[k]))} = {number(step.after.loss)}"
    raise ValueError(f"{phase} is not a phase")


def _aligned(left: str, *steps: str) -> str:
    """Return left = step = step, each step on a line of its own: a phone has no room for all of them on one."""
    return rf"\begin{{aligned}} {left} &= " + r" \\ &= ".join(steps) + r" \end{aligned}"
