"""A poem held against the rules: the tone of each character, which pairs break the rule, what rhymes, in words too."""

from collections.abc import Sequence

from glassbox.text.memorisation import Run
from glassbox.text.prosody import EITHER, LEVEL, OBLIQUE, RHYMES, RHYMING, Place, Prosody, has_form, ruled
from glassbox.text.quatrains import END, LINES, RULES
from glassbox.ui.base.i18n import t
from glassbox.ui.components.text_writer import Poem
from glassbox.ui.pages.writing.state import Wanted

_TONES = {LEVEL: "level", OBLIQUE: "oblique", EITHER: "either"}
_NAMED = 4
"""Pairs that break the rule and are named."""


def lines_of(poem: str) -> list[str]:
    """Return the lines of a poem that has a line end behind each, perhaps not behind the last."""
    return poem.removesuffix(END).split(END)


def marked(poem: str, prosody: Prosody | None, vertical: bool, said: Sequence[str]) -> Poem:
    """Return `poem` as it is drawn, with the sentences `said` once it is written; without marks if there is no
    `prosody`."""
    if prosody is None:
        return Poem(vertical, said)
    lines = lines_of(poem)
    starts = [sum(len(line) + 1 for line in lines[:number]) for number in range(len(lines))]

    def at(place: Place) -> int:
        return starts[place.line] + place.place

    return Poem(
        vertical,
        said,
        tones=[_TONES.get(prosody.tones.of.get(sign, ""), "") for sign in poem],
        ruled=[at(Place(number, place)) for number, line in enumerate(lines) for place in ruled(line)],
        broken=[(at(one), at(other)) for one, other in prosody.tones.broken(lines)],
        rhymed=[at(Place(number, len(lines[number]) - 1)) for number in RHYMING] if _rhyme(lines, prosody) else [],
    )


def verdict(poem: str, wanted: Wanted, prosody: Prosody | None) -> list[str]:
    """Return a sentence each on the form that was asked for, the rule of tones and the rhyme."""
    lines = lines_of(poem)
    if not has_form(lines, wanted.form):
        return [t("writing.no_form", lengths=t("writing.joined").join(str(len(line)) for line in lines))]
    said = [t("writing.has_form", length=len(lines[0]))]
    if prosody is None:
        return [*said, t("writing.no_prosody")]
    broken = list(prosody.tones.broken(lines))
    pairs = [t("writing.pair", **_pair(lines, one, other)) for one, other in broken[:_NAMED]]
    named = t("writing.joined").join(pairs) + ("…" if len(broken) > _NAMED else "")
    key = "rule_broken" if wanted.rule == RULES[0] else "rule_broken_free"
    said.append(t(f"writing.{key}", count=len(broken), pairs=named) if broken else t("writing.rule_kept"))
    ends = {"one": lines[RHYMING[0]][-1], "other": lines[RHYMING[1]][-1]}
    if ends["one"] == ends["other"]:
        return [*said, t("writing.repeated_rhyme", **ends)]
    rhyme = _rhyme(lines, prosody)
    sound = t("writing.joined").join(f"-{RHYMES[number][0]}" for number in sorted(rhyme))
    return [*said, t("writing.rhymes", **ends, sound=sound) if rhyme else t("writing.no_rhyme", **ends)]


def repeated(poem: str, copied: Sequence[Run] | None, least: int) -> str:
    """Return a sentence: whether the poem repeats what the network has read, and the longest run."""
    if copied is None:
        return t("writing.no_index")
    if not copied:
        return t("writing.nothing_copied", length=least)
    longest = max((poem[start:stop].replace(END, "") for start, stop in copied), key=len)
    return t("writing.poem_copied", text=longest, count=len(longest))


def _pair(lines: Sequence[str], one: Place, other: Place) -> dict[str, object]:
    return {
        "one": lines[one.line][one.place],
        "other": lines[other.line][other.place],
        "line": one.line + 1,
        "place": one.place + 1,
        "other_line": other.line + 1,
        "other_place": other.place + 1,
    }


def _rhyme(lines: Sequence[str], prosody: Prosody) -> frozenset[int]:
    return prosody.rhyme(lines) if len(lines) == LINES else frozenset()
