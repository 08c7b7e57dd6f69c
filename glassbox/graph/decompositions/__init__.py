"""What operators are written out as, by kind: see `glassbox.graph.written_out`.

A decomposition takes the builder and the node and returns the values of the node's outputs, or None for a form that it
does not cover. Its test is a case in tests/graph/test_written_out.py.
"""

from glassbox.graph.decompositions import (
    block_quantised,
    control_flow,
    fused,
    fused_attention,
    grouped_attention,
    interpolation,
    linear_models,
    normalisation,
    quantised,
    reduction,
    regions,
    selection,
    signal,
)

__all__ = [
    "block_quantised",
    "control_flow",
    "fused",
    "fused_attention",
    "grouped_attention",
    "interpolation",
    "linear_models",
    "normalisation",
    "quantised",
    "reduction",
    "regions",
    "selection",
    "signal",
]
