"""The formulas of a step of back-propagation, in general and with the numbers of this picture, as LaTeX."""

import numpy as np

from glassbox.ui.pages.backprop.view import Step

_KINDS = {
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
_ALIKE = {
    "loss": r"L = -\ln p_y",
    "output": r"\boldsymbol\delta = \frac{\partial L}{\partial \mathbf z} = \mathbf p - \mathbf y",
    "update": r"w' = w - \eta\, \frac{\partial L}{\partial w}",
    "again": r"L' = -\ln p'_y",
}


def general(made: Step, beat: str) -> str:
    """The beat's formula for this kind of network."""
    if beat in _ALIKE:
        return _ALIKE[beat]
    kind = "rnn" if made.student.backward.states else "cnn" if made.model.startswith("cnn") else "mlp"
    return rf"\begin{{gathered}} {_KINDS[beat][kind]} \end{{gathered}}"


def with_numbers(made: Step, beat: str) -> str:
    """The same for one cell, every letter replaced by the number that it stands for on this picture."""
    backward, before = made.student.backward, made.before
    j, k = made.cell
    scores, error = before.tensors[backward.score][0], before.errors[backward.score][0]
    h, g = before.tensors[backward.features][0], before.gradients[backward.kernel]
    w, new = backward.weights[backward.kernel], made.lesson.weights[backward.kernel]
    if beat == "forward":
        return rf"p_{{{k}}} = \frac{{e^{{{latex(scores[k])}}}}}{{\sum_i e^{{z_i}}}} = {latex(before.probabilities[k])}"
    if beat == "loss":
        return rf"L = -\ln {latex(before.probabilities[k])} = {latex(before.loss)}"
    if beat == "again":
        return rf"L' = -\ln {latex(made.after.probabilities[k])} = {latex(made.after.loss)}"
    if beat == "output":
        other = int(np.argmax(np.where(np.arange(len(error)) == k, -1, error)))
        return (
            rf"\delta_{{{k}}} = {latex(before.probabilities[k])} - 1 = {latex(error[k])} \qquad "
            rf"\delta_{{{other}}} = {latex(before.probabilities[other])} - 0 = {latex(error[other])}"
        )
    if beat == "hidden":
        products = w[j] * error
        most = np.argsort(-np.abs(products))[:2]
        first, second = (rf"({latex(w[j, i])})({latex(error[i])})" for i in most)
        total = latex(before.errors[backward.features][0][j])
        left = rf"\frac{{\partial L}}{{\partial h_{{{j + 1}}}}}"
        return _lines(left, rf"\sum_i w_{{{j + 1},i}}\, \delta_i", rf"{first} \\ &+ {second} + \dots", total)
    weight = rf"w_{{{j + 1},{k}}}"
    if beat == "gradient":
        found = latex(g[j, k])
        left = rf"\frac{{\partial L}}{{\partial {weight}}} = h_{{{j + 1}}}\, \delta_{{{k}}}"
        return _lines(left, rf"{latex(h[j])} \cdot ({latex(error[k])})", found)
    return _lines(f"{weight}'", rf"{latex(w[j, k])} - {latex(made.rate)} \cdot ({latex(g[j, k])})", latex(new[j, k]))


def _lines(left: str, *steps: str) -> str:
    """left = step = step, each on a line of its own: a phone has no room for all of them on one."""
    return rf"\begin{{aligned}} {left} &= " + r" \\ &= ".join(steps) + r" \end{aligned}"


def latex(value: float) -> str:
    """Three significant digits; a power of ten where the number is very small or very large."""
    text = f"{float(value):.3g}"
    mantissa, _, power = text.partition("e")
    return rf"{mantissa} \cdot 10^{{{int(power)}}}" if power else text
