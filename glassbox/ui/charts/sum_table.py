"""A number's sum, term by term: the heaviest first, the rest totalled, all of it held against the engine's number."""

import csv
import html
import io
from collections.abc import Callable

import streamlit as st

from glassbox.explain.terms.explain import Explanation, Term
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import t

SHOWN = 8
CLOSE = 1e-5
"""How far the sum may be from ONNX Runtime's number, relative to the sum of magnitudes: float32 rounds 784 times."""


def sum_table(number: Explanation, heading: str, name: Callable[[Term], str], key: str) -> None:
    """Show where `number` came from: `heading` says which number of the table's kind it is, `name` names a term's cell.

    Only sums have this form (Explanation.kind "sum"). All the terms are a click away, and a file.
    """
    count = len(number.terms)
    largest = number.terms.largest(SHOWN if count > SHOWN + 1 else count)
    most = max((abs(term.product) for term in largest), default=0.0) or 1.0
    rows = [
        _row(name(term), formats.number(term.value), formats.number(term.weight), term.product, most)
        for term in largest
    ]
    rest = count - len(largest)
    if rest > 0:
        remainder = float(number.terms.products.sum()) - sum(term.product for term in largest)
        rows.append(_row(t("charts.sum.rest", count=formats.count(rest)), "", "", remainder, most))
    rows.append(_row(t("charts.sum.bias"), "", "", number.bias, most))
    rows.append(_total(t("charts.sum.total"), number.before))
    activations = [operator for operator in number.operators if operator not in ("Gemm", "MatMul", "Conv", "Add")]
    if activations:
        rows.append(_total(" · ".join(activations), number.after))
    heads = "".join(f"<th scope=col>{html.escape(t(f'charts.sum.{column}'))}</th>" for column in _COLUMNS)
    st.html(
        f'<table class="gb-sum"><caption>{html.escape(heading)}</caption><thead><tr>{heads}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>{_check(number)}"
    )
    with st.expander(t("charts.sum.all", count=formats.count(count)), key=f"{key}_all", on_change="rerun") as every:
        if every.open:
            terms = number.terms.largest(len(number.terms))
            st.dataframe(
                [
                    {"source": name(term), "value": term.value, "weight": term.weight, "product": term.product}
                    for term in terms
                ],
                hide_index=True,
                height=280,
                column_config={
                    column: st.column_config.NumberColumn(t(f"charts.sum.{column}"), format="%.4g")
                    for column in _COLUMNS[1:]
                }
                | {"source": st.column_config.TextColumn(t("charts.sum.source"))},
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


def to_csv(number: Explanation) -> bytes:
    """Every term, the heaviest first, then the bias and what came of them: full precision."""
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(["tensor", "index", "value", "weight", "product"])
    for term in number.terms.largest(len(number.terms)):
        index = " ".join(map(str, term.source_index))
        lines.writerow([term.source, index, repr(term.value), repr(term.weight), repr(term.product)])
    for name in ("bias", "before", "after", "engine"):
        lines.writerow([name, "", "", "", repr(getattr(number, name))])
    return text.getvalue().encode()


_COLUMNS = ("source", "value", "weight", "product")


def _row(name: str, value: str, weight: str, product: float, most: float) -> str:
    share = min(1.0, abs(product) / most)
    side = "positive" if product >= 0 else "negative"
    return (
        f"<tr><th scope=row>{html.escape(name)}</th><td>{value}</td><td>{weight}</td>"
        f'<td><i class="gb-{side}" style="--share:{share:.3f}"></i>{_signed(product)}</td></tr>'
    )


def _total(name: str, value: float) -> str:
    return f'<tr class="gb-total"><th scope=row colspan=3>{html.escape(name)}</th><td>{formats.number(value)}</td></tr>'


def _signed(value: float) -> str:
    return f"+{formats.number(value)}" if value > 0 else formats.number(value)


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
