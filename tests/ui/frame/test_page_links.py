"""Our links to pages are those of st.page_link, in less time."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

from glassbox.ui.frame import places

SCRIPT = """
import streamlit as st

from glassbox.ui.frame import page_links, places
from glassbox.ui.frame.take_away.recording import recorded

carried = {"lang": "zh", "d": "a+b/c&="}
with recorded() as page:
    for place in places.PLACES.values():
        theirs = st.Page(place.file, default=place.key == "read")
        for icon, position, width in ((place.icon, "left", "stretch"), (":material/undo:", "right", "content")):
            options = {"icon": icon, "icon_position": position, "width": width}
            st.page_link(theirs, label="**名** x", query_params=carried, **options)
            page_links.draw(place, "**名** x", page_links.query(carried), **options)
links = [one.element for one in page.children()]
st.session_state["links"] = [link.WhichOneof("type") for link in links]
st.session_state["differ"] = [str(theirs) for theirs, ours in zip(links[::2], links[1::2]) if theirs != ours]
"""


def test_links_are_sent_as_streamlit_sends_them(tmp_path: Path) -> None:
    for place in places.PLACES.values():
        file = tmp_path / place.file
        file.parent.mkdir(exist_ok=True)
        file.touch()
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    seen = AppTest.from_file(script).run(timeout=30).session_state
    assert set(seen["links"]) == {"page_link"}
    assert seen["differ"] == []
