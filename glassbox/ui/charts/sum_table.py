"""A number's sum, term by term: the heaviest first, the rest totalled, all of it held against the engine's number."""

import html
from collections.abc import Callable

import streamlit as st

from glassbox import csv_file
from glassbox.explain.terms.explain import Explanation, Term
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t
from glassbox.ui.charts.tables import Cell, Table

SHOWN = 8
CLOSE = 1e-5
"""How far the sum may be from ONNX Runtime's number, relative to the sum of magnitudes: float32 rounds 784 times."""


def sum_table(number: Explanation, heading: str, name: Callable[[Term], str], key: str) -> None:
    """Show where `number` came from: `heading` says which number of the table's kind it is, `name` names a term's cell.

    Only sums have this form (Explanation.kind "sum"). All the terms are a click away, and a file.
    """
    count = len(number.terms)
    st.html(to_html(number, heading, name))
    with st.expander(t("charts.sum.all", count=formats.count(count)), key=f"{key}_all", on_change="rerun") as every:
        if every.open:
            import pandas  # only here: half a second and 50 MB, which st.dataframe then needs too

            terms = number.terms.largest(len(number.terms))
            rows = [(name(term), term.value, term.weight, term.product) for term in terms]
            listed = pandas.DataFrame(rows, columns=[t(f"charts.sum.{column}") for column in _COLUMNS])
            st.dataframe(
                listed.style.format(formats.number, subset=listed.columns[1:].tolist()),  # sorted as numbers
                hide_index=True,
                height=280,
                alt=heading,
            )
    st.download_button(
        t("charts.sum.csv"),
        lambda: to_csv(number),
        file_name=f"{number.tensor.replace('/', '-')}_{'_'.join(map(str, number.index))}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key=f"{key}_csv",
    )


def to_html(number: Explanation, heading: str, name: Callable[[Term], str]) -> str:
    """Return the SHOWN largest terms, the rest of them totalled, bias and sum as a table, and whether they agree with
    ONNX Runtime's number."""
    count = len(number.terms)
    largest = number.terms.largest(SHOWN if count > SHOWN + 1 else count)
    most = max((abs(term.product) for term in largest), default=0.0) or 1.0

    def row(words: str, value: str, weight: str, product: float) -> list[str | Cell]:
        sign = "+" if product > 0 else ""
        return [words, value, weight, Cell(f"{sign}{formats.number(product)}", bar=product / most)]

    rows = [row(name(term), formats.number(term.value), formats.number(term.weight), term.product) for term in largest]
    if count > len(largest):
        rest = float(number.terms.products.sum()) - sum(term.product for term in largest)
        rows.append(row(t("charts.sum.rest", count=formats.count(count - len(largest))), "", "", rest))
    rows.append(row(t("charts.sum.bias"), "", "", number.bias))
    totals = [len(rows)]
    rows.append([t("charts.sum.total"), "", "", formats.number(number.before)])
    activations = [operator for operator in number.operators if operator not in ("Gemm", "MatMul", "Conv", "Add")]
    if activations:
        totals.append(len(rows))
        rows.append([" · ".join(activations), "", "", formats.number(number.after)])
    heads = [t(f"charts.sum.{column}") for column in _COLUMNS]
    return Table(heading, heads, rows, totals=totals, dense=True).html() + _check(number)


def to_csv(number: Explanation) -> bytes:
    """Every term, the heaviest first, then the bias and what came of them: full precision."""
    rows: list[list[object]] = [["tensor", "index", "value", "weight", "product"]]
    for term in number.terms.largest(len(number.terms)):
        index = " ".join(map(str, term.source_index))
        rows.append([term.source, index, term.value, term.weight, term.product])
    for name in ("bias", "before", "after", "engine"):
        rows.append([name, "", "", "", getattr(number, name)])
    return csv_file.text(rows).encode()


_COLUMNS = ("source", "value", "weight", "product")


def _check(number: Explanation) -> str:
    if number.engine is None or number.error is None:
        return ""
    agrees = number.error <= CLOSE
    words = t(
        "charts.sum.agrees" if agrees else "charts.sum.differs",
        engine=formats.number(number.engine),
        difference=formats.number(abs(number.after - number.engine)),
    )
    return f'<p class="gb-check">{"✓" if agrees else "✗"} {html.escape(words)}</p>'
