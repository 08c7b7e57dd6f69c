"""A recorded page as HTML, and the components and charts that a script puts into it.

Left out is what only the server can answer: buttons, links to other pages, uploads. A choice among several is shown as
what was chosen.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BidiComponent_pb2 import BidiComponent
from streamlit.proto.Block_pb2 import Block
from streamlit.proto.ButtonGroup_pb2 import ButtonGroup
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.Heading_pb2 import Heading
from streamlit.proto.Html_pb2 import Html
from streamlit.proto.Markdown_pb2 import Markdown
from streamlit.proto.PlotlyChart_pb2 import PlotlyChart
from streamlit.proto.Selectbox_pb2 import Selectbox

from glassbox.ui.frame.take_away.recording import Node
from glassbox.ui.frame.take_away.words import formula, to_html

SKIPPED = frozenset({"glassbox_copy_link", "glassbox_near_viewport", "glassbox_scroll_to", "glassbox_term_popover"})
"""Components that draw nothing, or nothing that is of use in a file."""
SKIPPED_KEYS = frozenset({"gb_yours", "gb_how", "gb_next", "gb_take"})
"""Keys of containers of the frame that lead elsewhere."""
_KEY = re.compile(r"\$\$ID-[0-9a-f]{32}-(.+)")


@dataclass(frozen=True)
class Code:
    """What all of one kind of component have in common: their files' text."""

    js: str
    css: str
    html: str
    isolated: bool


@dataclass
class Drawing:
    """A page's HTML with places for `parts`, each the number of its `codes` and its data, and for `charts`."""

    codes: dict[Code, int]
    parts: list[dict[str, Any]] = field(default_factory=list)
    charts: list[dict[str, Any]] = field(default_factory=list)

    def of(self, node: Node) -> str:
        """Return the HTML of a place on the page, "" if it shows nothing."""
        if node.element is not None:
            kind = node.element.WhichOneof("type")
            draw = _ELEMENTS.get(kind or "")
            return draw(self, node.element) if draw else ""
        return self._block(node) if node.block is not None else ""

    def _block(self, node: Node) -> str:
        block = node.block
        assert block is not None
        kind, key = block.WhichOneof("type"), key_of(block.id)
        if kind == "popover" or key in SKIPPED_KEYS:
            return ""
        inside = "".join(self.of(child) for child in node.children())
        if not inside:
            return ""
        if kind == "expandable":
            label = to_html(block.expandable.label)
            return f'<details class="{_classes(key)}" open><summary>{label}</summary>{inside}</details>'
        if kind == "column":
            return f'<div class="gb-column" style="flex-grow:{block.column.weight:.3f}">{inside}</div>'
        along = "gb-row" if block.flex_container.direction == Block.FlexContainer.HORIZONTAL else "gb-stack"
        return f'<div class="{along} {_classes(key)}"{_height(block)}>{inside}</div>'

    def heading(self, element: Element) -> str:
        """A title or the heading of a section."""
        one: Heading = element.heading
        tag = one.tag if one.tag in {"h1", "h2", "h3", "h4"} else "h4"
        return f"<{tag}>{_inline(one.body)}</{tag}>"

    def markdown(self, element: Element) -> str:
        """A paragraph, a caption or a formula."""
        one: Markdown = element.markdown
        if one.element_type == Markdown.LATEX:
            return f'<div class="gb-formula">{formula(one.body.strip().strip("$"))}</div>'
        css = "gb-note stMarkdown" if one.element_type == Markdown.CAPTION else "gb-words stMarkdown"
        made = one.body if one.allow_html else to_html(one.body)
        return f'<div class="{css}">{made}</div>' if made else ""

    def html(self, element: Element) -> str:
        """What the page wrote as HTML itself, but for style sheets, of which the file has its own."""
        one: Html = element.html
        return "" if one.body.lstrip().startswith("<style>") else f'<div data-testid="stHtml">{one.body}</div>'

    def alert(self, element: Element) -> str:
        """A notice."""
        one: Alert = element.alert
        return f'<div class="gb-notice">{to_html(one.body)}</div>'

    def code(self, element: Element) -> str:
        """A piece of code."""
        return f'<pre tabindex="0"><code>{html.escape(element.code.code_text)}</code></pre>'

    def chosen(self, element: Element) -> str:
        """Of a choice among several, what was chosen."""
        group: ButtonGroup = element.button_group
        chosen = group.default if group.set_value else ()
        return _chosen(group.label, [group.options[index].content for index in chosen])

    def selected(self, element: Element) -> str:
        """Of a list, what was chosen."""
        box: Selectbox = element.selectbox
        return _chosen(box.label, [box.raw_value]) if box.set_value and box.raw_value else ""

    def component(self, element: Element) -> str:
        """A component: its code once a file, its data here."""
        one: BidiComponent = element.bidi_component
        if one.component_name in SKIPPED:
            return ""
        code = Code(one.js_content, one.css_content, one.html_content, one.isolate_styles)
        number = self.codes.setdefault(code, len(self.codes))
        data = json.loads(one.json) if one.WhichOneof("data") == "json" else None
        self.parts.append({"code": number, "key": key_of(one.id), "data": data})
        return f'<div class="gb-part" data-part="{len(self.parts) - 1}"></div>'

    def chart(self, element: Element) -> str:
        """A chart of Plotly's."""
        one: PlotlyChart = element.plotly_chart
        figure = json.loads(one.spec)
        figure.get("layout", {}).pop("template", None)  # Streamlit's, with colours that only its own script knows
        self.charts.append({"figure": figure, "config": json.loads(one.config or "{}")})
        label = html.escape(one.alt)
        return f'<div class="gb-chart" data-chart="{len(self.charts) - 1}" role="img" aria-label="{label}"></div>'


_ELEMENTS: dict[str, Callable[[Drawing, Element], str]] = {
    "heading": Drawing.heading,
    "markdown": Drawing.markdown,
    "html": Drawing.html,
    "alert": Drawing.alert,
    "code": Drawing.code,
    "button_group": Drawing.chosen,
    "selectbox": Drawing.selected,
    "bidi_component": Drawing.component,
    "plotly_chart": Drawing.chart,
}


def key_of(identity: str) -> str:
    """Return the key that the page gave to what Streamlit knows by `identity`, "" if it gave none."""
    found = _KEY.fullmatch(identity)
    return found[1] if found and found[1] != "None" else ""


def _classes(key: str) -> str:
    return f"st-key-{re.sub(r'[^0-9A-Za-z_-]', '-', key)}" if key else ""


def _height(block: Block) -> str:
    pixels = block.height_config.pixel_height
    return f' style="height:{pixels}px;overflow:auto"' if pixels > 1 else ""


def _inline(markdown: str) -> str:
    return to_html(markdown).removeprefix("<p>").removesuffix("</p>")


def _chosen(label: str, options: list[str]) -> str:
    if not options:
        return ""
    words = ", ".join(_inline(option) for option in options)
    named = f"<span>{_inline(label)}</span> " if label else ""
    return f'<p class="gb-chosen">{named}<b>{words}</b></p>'


def walk(node: Node) -> Iterator[Node]:
    """Yield `node` and all places in it."""
    yield node
    for child in node.children():
        yield from walk(child)
