"""The tests' own way of opening the dashboard."""

from pathlib import Path

import pytest

from tests.ui.dashboard import TIMEOUT, Dashboard, component, visit

SCRIPT = """
import streamlit as st

if st.button("go"):
    raise ValueError("the page's own words")
"""


def test_a_page_that_raises_fails_the_test_with_what_it_raised(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    app = Dashboard(script, default_timeout=TIMEOUT).run()
    with pytest.raises(AssertionError, match="the page's own words"):
        app.button[0].click().run()


def test_a_link_opens_its_page_in_its_language() -> None:
    app = visit("mlp", "zh", neuron="12", state={"mlp_verdict": True})
    assert app.query_params["lang"] == "zh" and app.session_state["mlp_verdict"]
    assert component(app, "mlp_diagram")["picked"] == 11
