"""The gradient of each operator: one small function an operator, with its formula.

To differentiate a further operator, write its rule into the module of its kind: cell by cell (activations such as Atan
too) in `elementwise`, products in `linear`, `convolution`, `pooling`, sums over axes and Softmax in `reduction`,
`normalisation`, `quantisation`, operators that move cells in `shaping`, loops in `recurrent`. `@rule("Atan")`
registers it: see `glassbox.graph.backpropagation.rule`. Its test is a case in test_<module>.py under
tests/graph/gradient_rules, where `tests.gradients.check` compares the rule with central differences.

At a kink, where no derivative exists, a rule does what TensorFlow does, so that figures agree with those of Keras:
Relu and Abs are flat at 0, LeakyRelu has its lower slope (alpha) there; Clip passes the gradient at its
bounds; Max and Min give it to the first of equal inputs, MaxPool to the first maximum of a window in row order (flat
parts of a picture tie: spreading the gradient there is wrong); ReduceMax, ReduceMin and GlobalMaxPool share it equally.
Quantisation has an estimate for a gradient: see `quantisation`.
"""

from glassbox.graph.backpropagation import RULES
from glassbox.graph.gradient_rules import (
    accumulation,
    conditional,
    convolution,
    elementwise,
    linear,
    normalisation,
    pooling,
    quantisation,
    recurrent,
    reduction,
    scattering,
    shaping,
    transform,
    trigonometry,
)

__all__ = [
    "RULES",
    "accumulation",
    "conditional",
    "convolution",
    "elementwise",
    "linear",
    "normalisation",
    "pooling",
    "quantisation",
    "recurrent",
    "reduction",
    "scattering",
    "shaping",
    "transform",
    "trigonometry",
]
