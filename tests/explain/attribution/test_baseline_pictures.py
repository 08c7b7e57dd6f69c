"""What a pixel is compared with: the same baseline for integrated gradients and for deletion and insertion."""

import numpy as np
import pytest
from scipy import ndimage

from glassbox.digits import strokes
from glassbox.digits.reference_set import digit_from_strokes
from glassbox.digits.tensors import rescaled
from glassbox.explain.attribution import registry
from glassbox.explain.attribution.baseline_pictures import BASELINE_PICTURES, BLUR
from glassbox.explain.attribution.methods import Network, integrated_gradients
from glassbox.zoo import digit_models

ZOO = digit_models.load()
PICTURE = rescaled(digit_from_strokes(next(one for one in strokes.SAMPLES if one.label == "7").strokes))


def network(name: str) -> Network:
    return Network(ZOO.model_bytes(name), temperature=ZOO.cards[name].calibration.temperature)


def test_the_blur_is_a_gaussian_without_what_lies_beyond_the_edges() -> None:
    blurred, paper = (
        ndimage.gaussian_filter(one.astype(float), BLUR, mode="constant", truncate=8)
        for one in (PICTURE, np.ones((28, 28)))
    )
    assert BASELINE_PICTURES["blurred"](PICTURE) == pytest.approx(blurred / paper, rel=1e-4)


def test_the_mean_digit_lies_in_the_middle_and_is_no_ones_to_change() -> None:
    mean = BASELINE_PICTURES["mean"](PICTURE)
    assert mean.shape == (28, 28) and mean.dtype == np.float32
    assert mean.mean() == pytest.approx(0.1307, abs=0.001)  # the mean of MNIST's training pixels
    assert mean[0].max() == mean[:, 0].max() == 0 and mean[14, 14] > 0.4
    with pytest.raises(ValueError, match="read-only"):
        mean[0, 0] = 1


@pytest.mark.parametrize("baseline", BASELINE_PICTURES)
def test_curves_begin_and_end_at_the_baseline(baseline: str) -> None:
    net, start = network("cnn"), BASELINE_PICTURES[baseline](PICTURE)
    there, here = net.probabilities(np.stack([start, PICTURE]))[:, 7]
    found = [
        registry.attribute(net, PICTURE, 7, "saliency", baseline),
        *registry.baselines(net, PICTURE, 7, baseline).values(),
    ]
    for one in found:
        deletion, insertion = one.scores.deletion.probabilities, one.scores.insertion.probabilities
        assert (deletion[0], deletion[-1]) == pytest.approx((here, there), rel=1e-4)
        assert (insertion[0], insertion[-1]) == pytest.approx((there, here), rel=1e-4)


@pytest.mark.parametrize("baseline", BASELINE_PICTURES)
def test_integrated_gradients_start_from_the_baseline(baseline: str) -> None:
    """Their map is that of the method itself, sums to the difference in score, and other maps stay as they are."""
    net = network("mlp")
    start = BASELINE_PICTURES[baseline](PICTURE)
    found = registry.attribute(net, PICTURE, 7, "integrated_gradients", baseline)
    assert (found.map == integrated_gradients(net, PICTURE, 7, start).map).all()
    scores = net.scores(np.stack([start, PICTURE]))[:, 7]
    assert found.map.sum() == pytest.approx(scores[1] - scores[0], rel=0.05)
    assert found.missed == pytest.approx(abs(found.map.sum() / float(scores[1] - scores[0]) - 1), abs=1e-4)
    saliency = [registry.attribute(net, PICTURE, 7, "saliency", other).map for other in (baseline, "empty")]
    assert (saliency[0] == saliency[1]).all()
