"""Three attributions of the next token, against a transformer in float64 from which tokens are taken away."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassbox.explain.attribution import tokens
from glassbox.explain.attribution.next_token import METHODS, NextToken, NextTokenGradient, attention_rollout, rivals
from glassbox.explain.interventions import HeadAblation, Intervention, NeuronAblation, Steering
from glassbox.explain.transformer_reader import TransformerReader
from glassbox.graph.transformer_writer import write_transformer
from tests.explain.test_interventions import changes, interventions, means, reader
from tests.gradients import few
from tests.transformers import Array, Changes, Shape, compute, shapes, weights

SMALL = Shape(vocabulary=5, context=6, layers=2, heads=2, size=3, width=6, neurons=4)
IDS = [3, 0, 3, 1, 2, 4]


@dataclass(frozen=True)
class Case:
    """A text in question, and all that `compute` needs to answer the same."""

    shape: Shape
    ids: list[int]
    made: list[Intervention]
    text: NextToken

    def said(self, added: Array | float = 0.0) -> Array:
        """The logits behind the position in the formulas, with something `added` to the embedded tokens (T, width)."""
        changed = changes(self.shape, self.made)
        streams = changed.streams | {0: changed.streams.get(0, 0) + added}
        whole = Changes(changed.heads, changed.neurons, streams)
        read = self.ids[: self.text.position + 1]
        return compute(self.shape, weights(self.shape), read, whole).logits[-1]

    def score(self, added: Array | float = 0.0) -> float:
        logits, against = self.said(added), self.text.against
        return float(logits[self.text.token] - (0 if against is None else logits[against]))

    def without(self, hidden: list[int]) -> Array:
        """What has to be added to hide the tokens at the places `hidden` of those that can be hidden."""
        added = np.zeros((self.text.position + 1, self.shape.width))
        for place in hidden:
            token = self.ids[self.text.first + place]
            added[self.text.first + place] = means(self.shape).token - weights(self.shape)["embedding"][token]
        return added


@st.composite
def cases(draw: st.DrawFn) -> Case:
    shape = draw(shapes)
    token = st.integers(0, shape.vocabulary - 1)
    ids = draw(st.lists(token, min_size=1, max_size=shape.context))
    position, made = draw(st.integers(0, len(ids) - 1)), draw(interventions(shape))
    made_reader = reader(shape)
    text = NextToken(
        NextTokenGradient(made_reader),
        made_reader.read(ids, made),
        position,
        draw(token),
        against=draw(st.none() | token),
        first=draw(st.integers(0, position)),
    )
    return Case(shape, ids, made, text)


def small(made: list[Intervention] | None = None, first: int = 0) -> Case:
    made_reader = reader(SMALL)
    text = NextToken(NextTokenGradient(made_reader), made_reader.read(IDS, made or []), 4, 1, against=3, first=first)
    return Case(SMALL, IDS, made or [], text)


@given(cases(), st.data())
@few
def test_hidden_tokens_are_hidden_as_in_the_formulas(case: Case, data: st.DataObject) -> None:
    size = case.text.position + 1 - case.text.first
    shown = np.array(data.draw(st.lists(st.lists(st.booleans(), min_size=size, max_size=size), min_size=1, max_size=3)))
    scores, chances = case.text.scores(shown), case.text.probabilities(shown)
    for row, score, chance in zip(shown, scores, chances, strict=True):
        added = case.without(np.flatnonzero(~row).tolist())
        logits = case.said(added)
        assert score == pytest.approx(case.score(added), abs=1e-4)
        assert chance == pytest.approx(np.exp(logits[case.text.token]) / np.exp(logits).sum(), abs=1e-4)


@given(cases())
@few
def test_the_gradient_is_the_slope_of_the_formulas(case: Case) -> None:
    found = case.text.gradients(np.stack([case.text.embedded, case.text.hidden]))
    size = len(case.text.embedded)
    assert found.shape == (2, size, case.shape.width)
    rng = np.random.default_rng(0)
    for gradient, start in zip(found, (0.0, case.without(list(range(size)))), strict=True):
        direction = np.zeros((case.text.position + 1, case.shape.width))
        direction[case.text.first :] = rng.normal(size=(size, case.shape.width))
        above, below = (case.score(start + step * direction) for step in (1e-6, -1e-6))
        slope = float((gradient * direction[case.text.first :]).sum())
        scale = 1 + float(np.abs(gradient * direction[case.text.first :]).sum())
        assert slope == pytest.approx((above - below) / 2e-6, abs=1e-3 * scale)


@pytest.mark.parametrize("first", [0, 2])
def test_integrated_gradients_are_complete(first: int) -> None:
    case = small([HeadAblation(0, 1), NeuronAblation(1, mean=True), Steering(0, np.full(6, 0.3))], first)
    found = tokens.integrated_gradients(case.text, steps=2000)
    size = 5 - first
    whole, none = case.score(), case.score(case.without(list(range(size))))
    assert found.map.shape == (size,)
    assert found.difference == pytest.approx(whole - none, abs=1e-4) and abs(whole - none) > 0.1
    assert abs(found.error) < 1e-3


def test_ablation_is_the_loss_without_each_token() -> None:
    case = small([HeadAblation(1, 0)], first=1)
    expected = [case.score() - case.score(case.without([place])) for place in range(4)]
    np.testing.assert_allclose(METHODS["ablation"](case.text), expected, atol=1e-4)


def test_rollout_multiplies_the_layers_out() -> None:
    """Every way from the position down to a token, by the heads' mean attention or along the residual connection."""
    case = small()
    mean = [case.text.reading.tensors[f"attention{layer}/attention"][0].mean(0) for layer in range(2)]
    expected = np.zeros(6)
    for middle in range(6):
        for source in range(6):
            upper = (mean[1][4, middle] + (middle == 4)) / 2
            expected[source] += upper * (mean[0][middle, source] + (source == middle)) / 2
    np.testing.assert_allclose(attention_rollout(case.text), expected[:5], atol=1e-6)
    assert attention_rollout(case.text).sum() == pytest.approx(1)
    np.testing.assert_allclose(attention_rollout(small(first=2).text), expected[2:5], atol=1e-6)


def test_each_map_is_scored_by_hiding_its_tokens_in_order() -> None:
    case = small()
    found = rivals(case.text)
    assert list(found) == ["attention", "integrated_gradients", "ablation"]
    for one in found.values():
        order = np.argsort(-one.map, kind="stable").tolist()
        hidden = [np.exp(case.said(case.without(order[:count]))) for count in range(6)]
        shown = [np.exp(case.said(case.without(order[count:]))) for count in range(6)]
        for curve, rows in ((one.scores.deletion, hidden), (one.scores.insertion, shown)):
            np.testing.assert_allclose(curve.probabilities, [row[1] / row.sum() for row in rows], atol=1e-5)
        assert one.faithfulness == one.scores.insertion.area - one.scores.deletion.area
    assert tokens.baseline(case.text).insertion.probabilities[-1] == pytest.approx(
        found["ablation"].scores.insertion.probabilities[-1], abs=1e-6
    )


def test_without_means_nothing_but_its_position_is_left_of_a_hidden_token() -> None:
    read = TransformerReader(write_transformer(weights(SMALL))).read(IDS)
    text = NextToken(NextTokenGradient(read.reader), read, 4, 1)
    np.testing.assert_allclose(text.hidden, weights(SMALL)["places"][:5], atol=1e-6)


def test_what_is_not_there_is_refused_by_name() -> None:
    read = reader(SMALL).read(IDS)
    gradient = NextTokenGradient(read.reader)
    with pytest.raises(ValueError, match="no position 6; 6 tokens were read"):
        NextToken(gradient, read, 6, 1)
    with pytest.raises(ValueError, match="no token has the id 5"):
        NextToken(gradient, read, 5, 1, against=5)
    for first in (-1, 5):
        with pytest.raises(ValueError, match="the first token is 0 to 4"):
            NextToken(gradient, read, 4, 1, first=first)
