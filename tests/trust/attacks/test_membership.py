"""Membership inference on cases that can be worked out by hand, or against slow references that follow the papers."""

import json
import math
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from glassbox.trust.attacks import membership, study
from glassbox.trust.attacks.study import Guarantee, MembershipGame

RNG = np.random.default_rng(0)
PROMISE = Guarantee(epsilon=1.0, delta=1e-5, noise=1.0, clip=1.0, share=0.01, steps=100)


def test_roc_of_four_scores() -> None:
    """By hand: thresholds 4, 3, 2, 1 over members 4, 2 and nonmembers 3, 1."""
    curve = membership.roc(np.array([4.0, 2.0]), np.array([3.0, 1.0]))
    assert curve.false_positive_rate.tolist() == [0, 0, 0.5, 0.5, 1]
    assert curve.true_positive_rate.tolist() == [0, 0.5, 0.5, 1, 1]


def test_ties_are_one_step_of_the_curve() -> None:
    curve = membership.roc(np.array([1.0, 1.0]), np.array([1.0, 0.0]))
    assert curve.false_positive_rate.tolist() == [0, 0.5, 1]
    assert curve.true_positive_rate.tolist() == [0, 1, 1]


def test_area_counts_pairs_and_its_interval_is_delongs() -> None:
    members, nonmembers = np.round(RNG.normal(0.5, 1, 37), 1), np.round(RNG.normal(0, 1, 23), 1)
    wins = (members[:, None] > nonmembers) + 0.5 * (members[:, None] == nonmembers)  # DeLong's structural components
    half = 1.959964 * math.sqrt(wins.mean(1).var(ddof=1) / 37 + wins.mean(0).var(ddof=1) / 23)
    found = membership.area(members, nonmembers)
    assert found.value == pytest.approx(wins.mean())
    assert (found.low, found.high) == pytest.approx((wins.mean() - half, wins.mean() + half))
    curve = membership.roc(members, nonmembers)
    assert found.value == pytest.approx(np.trapezoid(curve.true_positive_rate, curve.false_positive_rate))


def test_delongs_interval_holds_what_it_promises() -> None:
    """Two normals a unit apart: the true area is Phi(1 / sqrt 2), inside in about 95 of 100 draws."""
    truth = stats.norm.cdf(1 / math.sqrt(2))
    rng = np.random.default_rng(1)
    areas = [membership.area(rng.normal(1, 1, 80), rng.normal(0, 1, 120)) for _ in range(300)]
    assert 0.92 <= np.mean([one.low <= truth <= one.high for one in areas]) <= 0.98


@pytest.mark.parametrize(("rate", "caught"), [(0.0, 1), (0.1, 2), (0.2, 3), (1.0, 4)])
def test_caught_is_the_highest_point_of_the_curve_within_the_rate(rate: float, caught: int) -> None:
    nonmembers = np.arange(10.0)
    members = np.array([9.5, 8.5, 7.5, -1.0])
    found = membership.true_positive_rate(members, nonmembers, rate)
    assert (found.correct, found.count) == (caught, 4)
    curve = membership.roc(members, nonmembers)
    assert found.value == curve.true_positive_rate[curve.false_positive_rate <= rate + 1e-12].max()


def test_share_is_wilsons() -> None:
    found = membership.proportion(81, 263)
    assert (found.low, found.high) == pytest.approx((0.2553, 0.3662), abs=1e-4)  # Newcombe 1998, table I
    for correct in (0, 5):
        exact = stats.binomtest(correct, 5).proportion_ci(method="wilson")
        found = membership.proportion(correct, 5)
        assert (found.low, found.high) == pytest.approx((exact.low, exact.high), abs=1e-6)


def test_bound_of_the_gaussian_mechanism() -> None:
    """The best attack on one noisy release catches Phi(Phi^-1(f) + 1/noise): below the bound, and touching it."""
    noise, rates = 1.3, np.geomspace(1e-5, 1, 400)
    best = stats.norm.cdf(stats.norm.ppf(rates) + 1 / noise)
    gaps = []
    for epsilon in (0.1, 0.5, 1.0, 2.0):
        # Balle and Wang, 2018, theorem 5: the exact delta of the Gaussian mechanism.
        delta = stats.norm.cdf(0.5 / noise - epsilon * noise) - math.exp(epsilon) * stats.norm.cdf(
            -0.5 / noise - epsilon * noise
        )
        most = membership.privacy_bound(Guarantee(epsilon, delta, noise, 1.0, 1.0, 1), rates)
        assert (best <= most + 1e-9).all()
        gaps.append((most - best).min())
    assert max(gaps) < 1e-3


def test_bound_without_privacy_loss_is_guessing() -> None:
    rates = np.linspace(0, 1, 11)
    assert membership.privacy_bound(Guarantee(0.0, 0.0, 1.0, 1.0, 0.1, 1), rates) == pytest.approx(rates)


def test_likelihood_ratios_are_those_of_the_fitted_normals() -> None:
    """Against scipy's densities, picture by picture."""
    count, shadows = 9, 12
    inside = np.stack([np.roll(np.arange(shadows) < 5, i) for i in range(count)], 1)
    losses, seen = np.exp(RNG.normal(0, 1, count)), np.exp(RNG.normal(0, 1, (shadows, count)))
    found = membership.likelihood_ratios(losses, seen, inside)
    logs = -np.log(seen)
    deviation = {}
    for side in (True, False):
        errors = [logs[inside[:, i] == side, i] for i in range(count)]
        squares = sum(((one - one.mean()) ** 2).sum() for one in errors)
        deviation[side] = math.sqrt(squares / sum(len(one) - 1 for one in errors))
    for i in range(count):
        known, unknown = (
            stats.norm.logpdf(-math.log(losses[i]), logs[inside[:, i] == side, i].mean(), deviation[side])
            for side in (True, False)
        )
        assert found[i] == pytest.approx(known - unknown)


def test_lira_tells_members_where_the_error_alone_does_not() -> None:
    """Pictures differ in difficulty by far more than membership changes: the paper's case against one threshold."""
    rng, count, shadows = np.random.default_rng(3), 2000, 32
    hard = rng.normal(0, 3, count)
    inside = np.concatenate([one := rng.random((shadows // 2, count)) < 0.5, ~one])
    seen = np.exp(hard - 1.0 * inside + rng.normal(0, 0.3, inside.shape))
    member = np.arange(count) < count // 2
    losses = np.exp(hard - 1.0 * member + rng.normal(0, 0.3, count))
    ratios = membership.likelihood_ratios(losses, seen, inside)
    assert membership.area(ratios[member], ratios[~member]).value > 0.98
    assert membership.area(-losses[member], -losses[~member]).value < 0.65


@pytest.mark.parametrize("inside", [np.zeros((4, 3), bool), np.ones((4, 3), bool), np.eye(4, 3, dtype=bool)])
def test_shadows_that_can_not_tell_are_refused(inside: np.ndarray) -> None:
    with pytest.raises(ValueError, match="shadow"):
        membership.likelihood_ratios(np.ones(3), np.full((4, 3), 0.5), inside)


def test_an_accusation_needs_a_thousand_strangers_who_do_worse() -> None:
    nonmembers = tuple((np.arange(2000) + 1) / 1000)
    game = MembershipGame((0.0001, 0.0002, 1.5), nonmembers, (), (), 2, 0.5)
    assert membership.judge(game, 0.0015).verdict == "member"
    open_ = membership.judge(game, 0.01)
    assert (
        open_.verdict == "open" and open_.members == pytest.approx(1 / 3) and open_.nonmembers == pytest.approx(0.995)
    )
    assert membership.judge(game, 1.6).verdict == "nonmember"


def test_the_record_fits_the_networks_that_are_shipped() -> None:
    record, found = study.privacy_study(), study.target_models()
    assert record is not None and found.refused == {}
    assert set(record.games) == set(record.inverted) == set(study.ATTACKED)
    private = found.cards["mlp_private"]
    assert private.guarantee in [one.guarantee for one in record.private]
    assert private.accuracy in [one.accuracy for one in record.private]
    assert found.cards["mlp_poisoned"].accuracy in [one.accuracy for one in record.poisoned]
    assert study.STUDY.stat().st_size <= 400_000


def test_no_attack_recorded_breaks_the_promise() -> None:
    """What was caught of the private network lies within the bound, as far as its interval can tell."""
    record, promise = study.privacy_study(), study.target_models().cards["mlp_private"].guarantee
    assert record is not None and promise is not None
    game = record.games["mlp_private"]
    for attack in membership.ATTACKS:
        for rate in (0.001, 0.01, 0.1):
            most = membership.privacy_bound(promise, np.array([rate]))[0]
            assert membership.true_positive_rate(*game.scores(attack), rate).low <= most


def test_who_learns_by_heart_gives_most_away() -> None:
    record = study.privacy_study()
    assert record is not None
    areas = {name: membership.area(*game.scores("lira")) for name, game in record.games.items()}
    assert areas["mlp_overfit"].low > areas["mlp"].high
    assert areas["mlp_private"].low < 0.53


@pytest.mark.parametrize("content", ["", "[]", '{"seed": 1}'])
def test_a_damaged_record_is_none(tmp_path: Path, content: str) -> None:
    path = tmp_path / "privacy.json"
    path.write_text(content, encoding="utf-8")
    assert study.privacy_study(path) is None


def test_a_twin_that_is_not_its_cards_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "mlp_private" / "1"
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(b"another")
    described = asdict(study.target_models().cards["mlp_private"])
    (tmp_path / "mlp_private" / "card.json").write_text(json.dumps(described), encoding="utf-8")
    found = study.target_models(tmp_path)
    assert found.refused == {"mlp_overfit": "missing", "mlp_private": "sha256", "mlp_poisoned": "missing"}
