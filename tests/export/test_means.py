"""The means of a transformer's parts: against the formulas, and by the study, beside the card that tells of them."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from export import means
from export.run import Run
from export.studies import means as study
from glassbox.explain.interventions import HeadAblation
from glassbox.explain.transformer_reader import TransformerReader
from glassbox.graph.transformer_writer import write_transformer
from glassbox.records import DamagedFileError
from glassbox.zoo import transformer_models
from tests.export import small_poet
from tests.gradients import few
from tests.transformers import Shape, compute, shapes, weights


@given(shapes, st.data())
@few
def test_means_are_the_formulas(shape: Shape, data: st.DataObject) -> None:
    front = data.draw(st.integers(1, shape.context))
    lengths = data.draw(st.lists(st.integers(front + 1, shape.context + 1), min_size=1, max_size=3))
    rng, held = np.random.default_rng(0), weights(shape)
    texts = np.zeros((len(lengths), shape.context + 1), np.int64)
    for row, length in zip(texts, lengths, strict=True):
        row[:length] = rng.integers(1, shape.vocabulary, length)
    found, positions = means.means(write_transformer(held).SerializeToString(), texts, front)

    runs = [compute(shape, held, row[: length - 1].tolist()) for row, length in zip(texts, lengths, strict=True)]
    places = [(run, t) for run, length in enumerate(lengths) for t in range(front - 1, length - 1)]
    assert positions == len(places)
    for stage in range(shape.layers + 1):
        streams = np.array([runs[run].streams[stage][t] for run, t in places])
        assert found.sizes[stage] == pytest.approx(np.sqrt((streams**2).sum(1)).mean(), abs=2e-5)
    tokens = [texts[run, t] for run, t in places]
    np.testing.assert_allclose(found.token, held["embedding"][tokens].mean(0), atol=2e-5)
    assert found.neurons.shape == (shape.layers, shape.neurons)
    for layer in range(shape.layers):
        for head in range(shape.heads):
            written = [sum(runs[run].heads[layer, head, t, s] for s in range(t + 1)) for run, t in places]
            np.testing.assert_allclose(found.heads[layer, head], np.mean(written, 0), atol=2e-5)
        if shape.neurons:
            of_neurons = [sum(runs[run].neurons[layer, n, t] for n in range(shape.neurons)) for run, t in places]
            together = found.neurons[layer] @ held[f"feedforward{layer}/W_write"]
            np.testing.assert_allclose(together, np.mean(of_neurons, 0), atol=5e-5)


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small network that writes quatrains, once the study has measured it."""
    folder = tmp_path_factory.mktemp("means")
    small_poet.write(folder)
    study.main(Run(data=None, out=folder / "models", text=folder / "text", quick=True))
    return folder / "models"


def test_the_study_leaves_means_that_the_reader_takes(measured: Path) -> None:
    zoo = transformer_models.load(measured)
    told, found = zoo.cards["small"].means, zoo.means("small")
    assert told is not None and found is not None
    texts = told.texts
    assert means.QUICK_TEXTS <= texts < 2 * means.QUICK_TEXTS and told.positions == 24 * texts
    reader = TransformerReader(zoo.model_bytes("small"), means=found)
    reader.read([3, 5, 7, 9, 9], [HeadAblation(1, 1, mean=True)])


def test_a_file_that_is_not_the_cards_is_not_used(measured: Path, tmp_path: Path) -> None:
    shutil.copytree(measured, tmp_path, dirs_exist_ok=True)
    file = tmp_path / "small" / transformer_models.MEANS
    file.write_bytes(file.read_bytes() + b"0")
    zoo = transformer_models.load(tmp_path)
    with pytest.raises(DamagedFileError, match=r"means.npz, small: its sha256"):
        zoo.means("small")
    assert zoo.means_or_none("small") is None
    file.unlink()
    with pytest.raises(DamagedFileError, match=r"means.npz, small: .*No such file"):
        zoo.means("small")
    path = tmp_path / "small" / "card.json"
    without = json.loads(path.read_text(encoding="utf-8")) | {"means": None}
    path.write_text(json.dumps(without), encoding="utf-8")
    assert transformer_models.load(tmp_path).means("small") is None
