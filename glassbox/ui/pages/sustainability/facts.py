"""The values that the essay on what an answer costs quotes: measured here, or read from the cards and from tables."""

from collections.abc import Mapping, Sequence

from glassbox.trust.cost import carbon, compression, footprint
from glassbox.trust.cost.carbon import Grid
from glassbox.trust.cost.compression import Version
from glassbox.trust.cost.energy import EnergyCounter, MedianEstimate
from glassbox.trust.cost.footprint import MeasuredVersion
from glassbox.ui.base import formats
from glassbox.ui.base.i18n import language, t
from glassbox.ui.base.models import model_name
from glassbox.zoo import digit_models
from glassbox.zoo.digit_models import Card

MILLION = 1e6
_DASH = "–"


def facts(found: Mapping[str, MeasuredVersion], cards: Mapping[str, Card], counter: EnergyCounter) -> dict[str, str]:
    """Return the values of the essay but those of `of_grid`; a refused network's are dashes."""
    return _now(found, counter) | _versions(found) | _training(found, cards) | _scale(found)


def article(found: Mapping[str, MeasuredVersion]) -> list[MeasuredVersion]:
    """Return the article's networks in 32 bits among `found`."""
    return [found[f"{name}_fp32"] for name in digit_models.article() if f"{name}_fp32" in found]


def measured(found: Mapping[str, MeasuredVersion]) -> bool:
    """Whether the energy of the article's networks comes from a counter."""
    return all(network.cost.measured for network in article(found))


def joules(found: Mapping[str, MeasuredVersion]) -> MedianEstimate:
    """Return the energy of one answer of the article's networks together."""
    return footprint.total([network.cost.joules for network in article(found)])


def energy_interval(estimate: MedianEstimate) -> str:
    """Return the interval of an energy: '54.2 µJ to 56.1 µJ'."""
    return t("sustainability.interval", low=formats.energy(estimate.low), high=formats.energy(estimate.high))


def kind(found: Mapping[str, MeasuredVersion]) -> str:
    """Return "measured" or "estimated" in the visitor's language, for figures of energy."""
    return t("sustainability.measured" if measured(found) else "sustainability.estimated")


def pareto_front(versions: Sequence[Version]) -> str:
    """Return the names of versions, grouped by network: 'CNN pruned, FP32; Deep CNN INT8 static'."""
    kinds: dict[str, list[str]] = {}
    for member in versions:
        kinds.setdefault(member.of, []).append(t(f"sustainability.kind_{member.kind}"))
    comma = t("sustainability.comma")
    groups = [t("sustainability.version", model=model_name(of), kind=comma.join(names)) for of, names in kinds.items()]
    return t("sustainability.semicolon").join(groups)


def version_name(of: str, kind: str) -> str:
    """Return the name of the version `kind` of the network `of`: 'CNN INT8 static'."""
    return t("sustainability.version", model=model_name(of), kind=t(f"sustainability.kind_{kind}"))


def country_names() -> dict[str, str]:
    """Return the countries' names by code, in the visitor's language and in alphabetical (Chinese: pinyin) order."""
    # GB 18030 has the common characters in the order of their pinyin.
    return dict(sorted(carbon.country_names(language()).items(), key=lambda item: item[1].encode("gb18030")))


def of_grid(grid: Grid | None, found: Mapping[str, MeasuredVersion]) -> dict[str, str]:
    """Return the values of the section "where" for a country's grid; without a figure, for the world's mean."""
    mean = carbon.WORLD_AVERAGE
    intensity = grid.intensity if grid and grid.intensity is not None else mean
    known = [country for country in carbon.grids().values() if country.intensity is not None]
    cleanest, dirtiest = (extreme(known, key=lambda country: country.intensity or 0) for extreme in (min, max))
    names = country_names()
    million = MILLION * joules(found).value
    return {
        "where.mean": formats.number(mean),
        "where.million": formats.energy(million),
        "where.grams": formats.mass(carbon.grams(million, intensity)),
        "where.count": str(len(carbon.grids())),
        "where.clean": names[cleanest.code],
        "where.clean_grams": formats.mass(carbon.grams(million, cleanest.intensity or 0)),
        "where.dirty": names[dirtiest.code],
        "where.dirty_grams": formats.mass(carbon.grams(million, dirtiest.intensity or 0)),
        "where.factor": f"{(dirtiest.intensity or 0) / (cleanest.intensity or 1):.0f}",
    }


def _now(found: Mapping[str, MeasuredVersion], counter: EnergyCounter) -> dict[str, str]:
    total = joules(found)
    seconds = footprint.total([network.cost.seconds for network in article(found)])
    charges = carbon.PHONE_CHARGE / total.value
    return {
        "now.joules": formats.energy(total.value),
        "now.interval": energy_interval(total),
        "now.seconds": formats.duration(seconds.value),
        "now.kind": kind(found),
        "now.how": t(
            "sustainability.how_measured" if measured(found) else f"sustainability.how_{counter.reason or 'noise'}"
        ),
        "now.million": formats.energy(MILLION * total.value),
        "now.charges": formats.count(charges),
    }


def _versions(found: Mapping[str, MeasuredVersion]) -> dict[str, str]:
    deep = {kind: found.get(f"cnn_deep_{kind}") for kind in compression.ALL}
    small = {kind: found.get(f"mlp_{kind}") for kind in compression.ALL}
    return {
        "deep.static": _times(deep["int8_static"], deep["fp32"]),
        "deep.dynamic": _times(deep["int8_dynamic"], deep["fp32"]),
        "deep.narrow": _times(deep["narrow"], deep["fp32"]),
        "deep.narrow_wrong": _wrong(deep["narrow"]),
        "deep.wrong": _wrong(deep["fp32"]),
        "deep.half": _times(deep["fp16"], deep["fp32"]),
        "mlp.pruned": _times(small["pruned"], small["fp32"]),
        "mlp.pruned_wrong": _wrong(small["pruned"]),
        "mlp.wrong": _wrong(small["fp32"]),
        "mlp.deflated": formats.size(small["pruned"].version.deflated) if small["pruned"] else _DASH,
        "mlp.deflated_before": formats.size(small["fp32"].version.deflated) if small["fp32"] else _DASH,
        "pruned.share": formats.measured(compression.PRUNED, 0),
    }


def _training(found: Mapping[str, MeasuredVersion], cards: Mapping[str, Card]) -> dict[str, str]:
    mlp = found.get("mlp_fp32")
    if mlp is None:
        return dict.fromkeys(("mlp.training", "mlp.cpu", "mlp.answer", "mlp.even", "mlp.days"), _DASH)
    training = cards["mlp"].training
    answers = footprint.break_even(training, mlp.cost)
    return {
        "mlp.training": formats.energy(footprint.training_joules(training)),
        "mlp.cpu": formats.duration(training.cpu_seconds),
        "mlp.answer": formats.energy(mlp.cost.joules.value),
        "mlp.even": formats.count(answers),
        "mlp.days": t("sustainability.days", days=formats.count(answers / 86_400)),
    }


def _scale(found: Mapping[str, MeasuredVersion]) -> dict[str, str]:
    published = {figure.key: figure for figure in carbon.published()}
    prompt, largest = published["gemini_prompt"], carbon.published()[-1]
    answer = joules(found).value
    return {
        "scale.prompt": formats.energy(prompt.joules),
        "scale.prompt_times": formats.count(prompt.joules / answer),
        "scale.largest": t(f"charts.published_energy.{largest.key}"),
        "scale.largest_joules": formats.energy(largest.joules),
        "scale.largest_charges": formats.count(largest.joules / carbon.PHONE_CHARGE),
    }


def _times(version: MeasuredVersion | None, original: MeasuredVersion | None) -> str:
    """The version's processor time as a multiple of its network's: '0.41'. (Time by the clock also counts waiting.)"""
    if version is None or original is None:
        return _DASH
    return f"{version.cost.cpu_seconds.value / original.cost.cpu_seconds.value:.2f}"


def _wrong(measured: MeasuredVersion | None) -> str:
    """Return the share of test digits that a version misreads."""
    return formats.measured(1 - measured.version.accuracy.value, 2) if measured else _DASH
