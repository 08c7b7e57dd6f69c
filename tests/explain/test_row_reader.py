"""Recurrent networks row by row, on the three of the zoo."""

import numpy as np
import pytest

from glassbox.digits import strokes
from glassbox.digits.images import prepare_pixels
from glassbox.digits.reader import Reader
from glassbox.explain.row_reader import SCORE, STATE, RowCell, RowReader, RowReading
from glassbox.graph.submodel import submodel_from
from glassbox.zoo import digit_models

NAMES = ("rnn", "lstm", "gru")
SIDE = 28


def digit() -> np.ndarray:
    ink = 255 - strokes.draw(strokes.SAMPLES[0].strokes)
    return prepare_pixels(np.dstack([ink, ink, ink, np.full_like(ink, 255)])).digit


@pytest.fixture(scope="module")
def readings() -> dict[str, RowReading]:
    models = digit_models.load()
    read = {}
    for name in NAMES:
        card = models.cards[name]
        reader = RowReader(models.model_bytes(name), card.output.kind, card.calibration.temperature)
        read[name] = reader.read(digit().astype(np.float32) / np.float32(255))
    return read


@pytest.mark.parametrize("name", NAMES)
def test_last_verdict_is_the_networks_own(readings: dict[str, RowReading], name: str) -> None:
    verdict = Reader(digit_models.load()).read(digit(), [name])[name]
    np.testing.assert_allclose(readings[name].probabilities[-1], verdict.probabilities, atol=1e-6)
    assert readings[name].decision().label == int(verdict.label)


@pytest.mark.parametrize("name", NAMES)
def test_verdict_after_a_row_is_that_of_a_picture_that_ends_there(readings: dict[str, RowReading], name: str) -> None:
    """Without the rows below: the state is the one after the rows above, whatever comes later."""
    models = digit_models.load()
    card = models.cards[name]
    reader = RowReader(models.model_bytes(name), card.output.kind, card.calibration.temperature)
    cut = digit().astype(np.float32) / np.float32(255)
    cut[15:] = 0.7
    again = reader.read(cut)
    np.testing.assert_allclose(again.probabilities[:15], readings[name].probabilities[:15], atol=1e-6)
    assert not np.allclose(again.probabilities[15:], readings[name].probabilities[15:], atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_every_part_is_explained_by_its_own_number(readings: dict[str, RowReading], name: str) -> None:
    reading = readings[name]
    for part, values in reading.parts.items():
        for row, unit in ((0, 3), (13, 0), (27, 31)):
            found = reading.terms(RowCell(part, row, unit))
            assert found.after == pytest.approx(float(values[row, unit]), abs=1e-5)
    score = reading.terms(RowCell(SCORE, 13, 7))
    assert score.engine is not None and score.after == pytest.approx(score.engine, abs=1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_each_term_leads_to_the_number_that_it_read(readings: dict[str, RowReading], name: str) -> None:
    reading = readings[name]
    asked = [RowCell(SCORE, 20, 1), *(RowCell(part, 20, 1) for part in reading.parts)]
    for place in asked:
        for term in reading.terms(place).terms.largest(5):
            found = reading.cell_of(term.source, term.source_index)
            assert found is not None
            if found.part in reading.parts:
                assert float(reading.parts[found.part][found.row, found.unit]) == pytest.approx(term.value, abs=1e-6)


@pytest.mark.parametrize("row", [6, 14, 27])
def test_influence_is_the_slope_found_by_trying(readings: dict[str, RowReading], row: int) -> None:
    """Each pixel of the row nudged both ways, through the whole network."""
    reading, step = readings["lstm"], np.float32(1e-2)
    picture = digit().astype(np.float32) / np.float32(255)
    best = int(reading.head.tensors[reading.reader.score][-1].argmax())
    slopes = []
    for column in range(SIDE):
        scores = []
        for nudge in (step, -step):
            nudged = picture.copy()
            nudged[row, column] += nudge
            scores.append(reading.reader.read(nudged).head.tensors[reading.reader.score][-1, best])
        slopes.append((scores[0] - scores[1]) / (2 * step))
    assert reading.influence[row] == pytest.approx(float(np.linalg.norm(slopes)), rel=0.02)


def decided(*labels: int) -> tuple[int, int, int]:
    probabilities = np.eye(10)[list(labels)]
    reading = RowReading(None, None, None, {}, probabilities, np.zeros(len(labels)))  # type: ignore[arg-type]
    decision = reading.decision()
    return decision.row, decision.label, decision.changes


def test_decision_is_where_the_verdict_last_changed() -> None:
    assert decided(7, 7, 7) == (0, 7, 0)
    assert decided(1, 7, 1, 7, 7) == (3, 7, 3)
    assert decided(1, 1, 7) == (2, 7, 1)


def test_places_that_do_not_exist_are_named(readings: dict[str, RowReading]) -> None:
    with pytest.raises(ValueError, match="there are state, score"):
        readings["rnn"].terms(RowCell("z", 0, 0))
    with pytest.raises(ValueError, match="no cell"):
        readings["rnn"].terms(RowCell(STATE, 28, 0))


def test_a_network_that_is_not_recurrent_is_refused() -> None:
    with pytest.raises(ValueError, match="recurrent"):
        RowReader(digit_models.load().model_bytes("cnn"), "probabilities")


def test_part_behind_a_tensor_needs_nothing_else() -> None:
    model = digit_models.load().model_bytes("cnn")
    assert [value.name for value in submodel_from(model, "flatten").graph.input] == ["flatten"]
    with pytest.raises(ValueError, match="there are"):
        submodel_from(model, "nothing")
