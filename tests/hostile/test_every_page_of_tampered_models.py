"""Whatever has become of the models: each page is drawn, and names what is left out."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st

from glassbox import paths
from glassbox.paths import MODELS
from glassbox.ui.base import i18n
from glassbox.ui.frame.places import PLACES
from tests.hostile import tampering
from tests.model_names import english
from tests.ui.dashboard import visit, warnings

EN = i18n.strings("en")


def _left_out(models: Path) -> None:
    """Each model damaged in one of all ways, and what is no model beside them."""
    names = sorted(folder.name for folder in models.iterdir())
    kinds = sorted(set(tampering.MODELS) - {"other_model"})  # which needs another that is whole
    for place, name in enumerate(names):
        tampering.MODELS[kinds[place % len(kinds)]][1](models / name)
    (models / "notes.txt").write_text("no model")
    (models / "empty").mkdir()


def _cards_unread(models: Path) -> None:
    tampering.MODELS["deep_card"][1](models / "mlp")
    tampering.MODELS["garbage"][1](models / "text_en_gru")


def _without(models: Path) -> None:
    shutil.rmtree(models)
    models.mkdir()


@pytest.fixture(scope="module")
def models(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A copy of the shipped models that a function of the test's has tampered with, which the pages read."""
    folder = tmp_path_factory.mktemp("tampered") / "models"
    shutil.copytree(MODELS, folder)
    request.param(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paths, "MODELS", folder)
        st.cache_resource.clear()
        yield
    st.cache_resource.clear()


WITHOUT_MODELS = ("playground", "sorting")
"""Pages that read none of the models."""


@pytest.mark.parametrize("models", [_left_out], indirect=True)
@pytest.mark.parametrize("page", PLACES)
def test_each_page_is_drawn_and_names_what_is_left_out(models: None, page: str) -> None:
    assert page in WITHOUT_MODELS or "is left out: " in warnings(visit(page))


@pytest.mark.parametrize("models", [_cards_unread], indirect=True)
@pytest.mark.parametrize("page", PLACES)
def test_each_page_is_drawn_where_one_card_cannot_be_read(models: None, page: str) -> None:
    none = dict.fromkeys(("writing", "playground", "sorting", "circuit", "transformer"), "")
    lost = {"text": english("text_en_gru"), **none}.get(page, "mlp")
    assert not lost or f"{lost} is left out" in warnings(visit(page))


@pytest.mark.parametrize("models", [_without], indirect=True)
@pytest.mark.parametrize("page", PLACES)
def test_each_page_is_drawn_without_models(models: None, page: str) -> None:
    assert page in WITHOUT_MODELS or EN["frame.refused.none"] in warnings(visit(page))
