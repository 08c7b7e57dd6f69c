"""Products of matrices and tensors."""

from __future__ import annotations

from collections.abc import Sequence

from glassbox.graph.backpropagation import Node, rule
from glassbox.graph.builder import Builder, Value


@rule("MatMul")
def matmul(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """Y = A B: dA = dY B^T, dB = A^T dY, summed over the batch axes along which A or B was repeated.

    A vector stands for a matrix of one row (as A) or one column (as B).
    """
    a, b = node.x, node.required(1)
    if a.rank == 1:
        dy = g.op("Unsqueeze", dy, [-2] if b.rank > 1 else [0])
    if b.rank == 1:
        dy = g.op("Unsqueeze", dy, [-1])
    rows = g.op("Unsqueeze", a, [0]) if a.rank == 1 else a
    columns = g.op("Unsqueeze", b, [1]) if b.rank == 1 else b
    if columns.rank == 2 and rows.rank == 2:
        # Gemm transposes while it multiplies.
        da, db = g.op("Gemm", dy, columns, transB=1), g.op("Gemm", rows, dy, transA=1)
    elif columns.rank == 2:
        # One matrix for all of the batch: its rows can be stacked into one product.
        stacked = [g.op("Flatten", x, axis=-1) for x in (rows, dy)]
        da, db = g.op("MatMul", dy, g.op("Transpose", columns, perm=[1, 0])), g.op("Gemm", *stacked, transA=1)
    else:
        da = g.sum_to(g.op("MatMul", dy, _transposed(g, columns)), rows)
        db = g.sum_to(g.op("MatMul", _transposed(g, rows), dy), columns)
    if a.rank == 1:
        da = g.reshape(da, a)
    if b.rank == 1:
        db = g.reshape(db, b)
    return da, db


def _transposed(g: Builder, x: Value) -> Value:
    axes = list(range(x.rank))
    return g.op("Transpose", x, perm=[*axes[:-2], axes[-1], axes[-2]])


@rule("Gemm")
def gemm(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """Y = alpha A' B' + beta C, A' = A or A^T: dA' = alpha dY B'^T, dB' = alpha A'^T dY, dC = beta dY summed to C."""
    a, b, alpha = node.x, node.required(1), node["alpha"]
    turn_a, turn_b = node["transA"], node["transB"]
    if turn_a:
        da = g.op("Gemm", b, dy, transA=turn_b, transB=1, alpha=alpha)
    else:
        da = g.op("Gemm", dy, b, transB=1 - turn_b, alpha=alpha)
    if turn_b:
        db = g.op("Gemm", dy, a, transA=1, transB=turn_a, alpha=alpha)
    else:
        db = g.op("Gemm", a, dy, transA=1 - turn_a, alpha=alpha)
    if (c := node.input(2)) is None:
        return da, db
    return da, db, g.sum_to(dy if node["beta"] == 1 else dy * node["beta"], c)


@rule("Einsum")
def einsum(g: Builder, node: Node, dy: Value) -> Sequence[Value | None]:
    """y = sum of a b ... over the letters absent from y: da = the same sum of dy b ... over the letters absent from a.

    A letter that occurs in a alone was summed away by itself; ones in the shape of a repeat dy along it.
    """
    operands = [x for x in node.inputs if x is not None]
    terms, result = _letters(node, operands)
    parts: list[Value | None] = []
    for index, (term, x) in enumerate(zip(terms, operands, strict=True)):
        others = [(terms[i], operands[i]) for i in range(len(operands)) if i != index]
        used = [(result, dy), *others]
        if set(term) - set("".join(letters for letters, _ in used)):
            used.append((term, g.ones(x)))
        equation = f"{','.join(letters for letters, _ in used)}->{term}"
        parts.append(g.sum_to(g.op("Einsum", *[value for _, value in used], equation=equation), x))
    return parts


def _letters(node: Node, operands: Sequence[Value]) -> tuple[list[str], str]:
    """The letters of each operand and of the result, the ellipsis written out with letters of its own."""
    left, arrow, result = node["equation"].replace(" ", "").partition("->")
    terms = left.split(",")
    if not arrow:  # the letters that occur once, in alphabetical order, behind the ellipsis
        result = ("..." if "..." in left else "") + "".join(
            sorted(letter for letter in set(left) if letter.isalpha() and left.count(letter) == 1)
        )
    free = [letter for letter in map(chr, range(ord("A"), ord("z") + 1)) if letter.isalpha() and letter not in left]
    hidden = [x.rank - len(term.replace("...", "")) for term, x in zip(terms, operands, strict=True)]
    widest = free[: max([0, *(count for term, count in zip(terms, hidden, strict=True) if "..." in term)])]
    written = [
        term.replace("...", "".join(widest[len(widest) - count :])) for term, count in zip(terms, hidden, strict=True)
    ]
    if any(len(set(term)) < len(term) for term in written):
        raise node.error("takes a diagonal (a letter twice in one operand), which has no gradient rule")
    return written, result.replace("...", "".join(widest))
