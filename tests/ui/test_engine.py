"""The dashboard on a remote engine: its verdicts are those of the embedded one, and where it fails the pages say so."""

from collections.abc import Callable, Iterator

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from glassbox.engine import choice
from glassbox.paths import MODELS
from glassbox.ui.base import i18n
from tests.serving.reference_server import ReferenceServer, running
from tests.ui.dashboard import component, components, visit

EN = i18n.strings("en")


@pytest.fixture(scope="module")
def reference() -> Iterator[ReferenceServer]:
    with running(MODELS) as server:
        yield server


@pytest.fixture
def served(reference: ReferenceServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., ReferenceServer]]:
    """Let the dashboard use the reference server; `fallback`: with the embedded engine in its place."""
    forget = (choice.configured.cache_clear, st.cache_resource.clear, st.cache_data.clear)

    def use(**settings: str) -> ReferenceServer:
        monkeypatch.setenv(choice.ENGINE, reference.address)
        monkeypatch.setenv(choice.SECONDS, "60")  # on a machine that is busy with other things
        for name, value in settings.items():
            monkeypatch.setenv(f"{choice.ENGINE}_{name.upper()}", value)
        for one in forget:
            one()
        reference.seen.clear()
        reference.behaviour.statuses, reference.behaviour.fault = [], ""
        return reference

    yield use
    monkeypatch.undo()
    for one in forget:
        one()


def labels(app: AppTest) -> list[tuple[str, str]]:
    return [(card["label"], card["sure"]) for card in component(app, "cards")["cards"]]


def warnings(app: AppTest) -> list[str]:
    return [one.value for one in app.warning]


def test_the_verdicts_are_the_engine_s(served: Callable[..., ReferenceServer]) -> None:
    wanted = labels(visit())
    server = served()
    app = visit()
    assert labels(app) == wanted and not warnings(app)
    assert all(server.seen[f"/v2/models/{name}/infer"] == 1 for name in ("mlp", "cnn", "rnn", "familiarity"))
    for card in component(app, "cards")["cards"]:
        assert card["foot"].endswith(EN["frame.provider.remote"])
    assert EN["frame.engine.remote"] in [one.value for one in app.sidebar.caption]


@pytest.mark.parametrize(("fault", "said"), [("wrong_shape", "wrong"), ("", "unavailable")])
def test_a_failing_engine_is_said(served: Callable[..., ReferenceServer], fault: str, said: str) -> None:
    server = served()
    server.behaviour.fault = fault
    server.behaviour.statuses = [] if fault else [500]
    app = visit()
    assert warnings(app) == [EN[f"frame.engine.{said}"]]
    assert not components(app, "cards")
    server.behaviour.fault = ""
    assert not warnings(app.run())


def test_answers_of_the_embedded_engine_are_marked(served: Callable[..., ReferenceServer]) -> None:
    wanted = labels(visit())
    served(fallback="embedded").behaviour.fault = "not_finite"
    app = visit()
    assert labels(app) == wanted
    assert warnings(app) == [EN["frame.engine.instead"]]
    assert all(EN["frame.provider.cpu_instead"] in card["foot"] for card in component(app, "cards")["cards"])


def test_numbers_of_another_model_are_said(served: Callable[..., ReferenceServer]) -> None:
    server = served()
    server.behaviour.fault = "reversed"
    app = visit()
    (said,) = warnings(app)
    assert f"at `{server.address}` gives other numbers" in said
    assert EN["frame.engine.not_shown"] in said and EN["frame.engine.mend"] in said
    assert not components(app, "cards")
    for _ in range(3):
        assert warnings(app.run()) == [said], "also while the server is left alone"


def test_in_place_of_numbers_of_another_model_those_of_the_embedded_engine(
    served: Callable[..., ReferenceServer],
) -> None:
    wanted = labels(visit())
    server = served(fallback="embedded")
    server.behaviour.fault = "reversed"
    app = visit()
    assert labels(app) == wanted
    (said,) = warnings(app)
    assert server.address in said and EN["frame.engine.computed_here"] in said


def test_texts_are_read_by_the_engine(served: Callable[..., ReferenceServer]) -> None:
    server = served()
    app = visit("text", task="sentiment", text="I loved this film")
    assert not warnings(app)
    assert server.seen["/v2/models/text_en_gru/infer"] == server.seen["/v2/models/text_en_familiarity/infer"] == 1


def test_what_looks_inside_asks_no_engine(served: Callable[..., ReferenceServer]) -> None:
    server = served()
    server.behaviour.statuses = [500] * 100
    assert not warnings(visit("mlp"))
    assert not server.seen
