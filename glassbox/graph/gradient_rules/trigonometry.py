"""Trigonometric and hyperbolic functions and their inverses, cell by cell."""

from __future__ import annotations

from collections.abc import Sequence

from glassbox.graph.backpropagation import Node, rule
from glassbox.graph.builder import Builder, Value


@rule("Sin")
def sine(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """y = sin x: dx = dy cos x."""
    return [dy * g.op("Cos", node.x)]


@rule("Cos")
def cosine(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """y = cos x: dx = -dy sin x."""
    return [-(dy * g.op("Sin", node.x))]


@rule("Tan")
def tangent(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """y = tan x: dx = dy (1 + y²)."""
    return [dy * (1 + node.y * node.y)]


@rule("Asin")
def arcsine(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """y = asin x: dx = dy / sqrt(1 - x²)."""
    return [dy / g.op("Sqrt", 1 - node.x * node.x)]


@rule("Acos")
def arccosine(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """y = acos x: dx = -dy / sqrt(1 - x²)."""
    return [-(dy / g.op("Sqrt", 1 - node.x * node.x))]


@rule("Atan")
def arctangent(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """y = atan x: dx = dy / (1 + x²)."""
    return [dy / (1 + node.x * node.x)]


@rule("Sinh")
def hyperbolic_sine(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """y = sinh x: dx = dy cosh x."""
    return [dy * g.op("Cosh", node.x)]


@rule("Cosh")
def hyperbolic_cosine(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """y = cosh x: dx = dy sinh x."""
    return [dy * g.op("Sinh", node.x)]


@rule("Asinh")
def area_sine(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """y = asinh x: dx = dy / sqrt(x² + 1)."""
    return [dy / g.op("Sqrt", node.x * node.x + 1)]


@rule("Acosh")
def area_cosine(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """y = acosh x: dx = dy / sqrt(x² - 1)."""
    return [dy / g.op("Sqrt", node.x * node.x - 1)]


@rule("Atanh")
def area_tangent(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """y = atanh x: dx = dy / (1 - x²)."""
    return [dy / (1 - node.x * node.x)]
