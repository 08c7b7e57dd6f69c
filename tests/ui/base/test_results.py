"""What came of a visitor's own things lies in that visitor's session; what came of the samples is everybody's."""

from streamlit.testing.v1 import AppTest


def page() -> None:
    import streamlit as st

    from glassbox.ui.base.results import Results, kept
    from glassbox.ui.base.state import Entry, Kind

    made = st.session_state.setdefault("made", [])

    entry = Entry[Results]("lengths", Kind.RESULTS, {})

    @kept(entry, shared=2, own=2)
    def length(text: str, _note: object) -> int:
        made.append(text)
        return len(text)

    found = length.of(st.session_state.get("everybodys", False))
    st.session_state["found"] = [found(text, object()) for text in ("a", "bb", "a", "ccc", "a", "bb")]


def visit(everybodys: bool) -> AppTest:
    app = AppTest.from_function(page)
    app.session_state["everybodys"] = everybodys
    return app.run()


def own(app: AppTest) -> list[object]:
    return [value for key, value in app.session_state._state.filtered_state.items() if key == "lengths"]


def test_results_of_ones_own_stay_in_the_session() -> None:
    app = visit(everybodys=False)
    assert app.session_state["found"] == [1, 2, 1, 3, 1, 2]
    assert app.session_state["made"] == ["a", "bb", "ccc", "bb"], "the two used last are kept, whatever the note"
    (kept,) = own(app)
    assert kept == {("a",): 1, ("bb",): 2}
    assert visit(everybodys=False).session_state["made"] == ["a", "bb", "ccc", "bb"], "nobody else has them"


def test_results_for_everybody_leave_nothing_in_the_session() -> None:
    app = visit(everybodys=True)
    assert app.session_state["found"] == [1, 2, 1, 3, 1, 2] and own(app) == []
