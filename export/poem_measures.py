"""What a network that writes quatrains is worth: sampled poems beside real ones and beside characters drawn by how
often each comes."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from export import poems, quatrains
from export.quatrains import RUN, Poem, Quatrains
from export.text_convert import feeds
from glassbox.text.prosody import Tones, has_form
from glassbox.text.quatrains import END, FORMS, FRONT, RULES
from glassbox.text.tokens import PADDING, UNKNOWN, Vocabulary
from glassbox.zoo.transformer_models import Poems, PoemShares

TEMPERATURE, TOP_K = 0.8, 40
SAMPLED = 250
"""Poems of each form with each rule."""
BASELINE = 1_000
"""Poems of each form made of characters by how often each comes."""
BATCH = 125


@dataclass(frozen=True)
class Training:
    """The training poems, to be searched for what was copied from them."""

    poems: tuple[Poem, ...]

    @cached_property
    def text(self) -> str:
        """All poems, line ends between them and none within: a run may go over from one line to the next."""
        return END.join(poem.text for poem in self.poems)

    @cached_property
    def lines(self) -> frozenset[str]:
        """Every line."""
        return frozenset(line for poem in self.poems for line in poem.lines)

    @cached_property
    def runs(self) -> frozenset[str]:
        """Every run of RUN characters."""
        return frozenset(run for poem in self.poems for run in _runs(poem.text))

    def longest_run(self, text: str) -> int:
        """Return how many characters of `text` in a row stand in one training poem, at most; 0 if below RUN."""
        longest = 0
        for start, run in enumerate(_runs(text)):
            stop = start + max(RUN, longest + 1)
            while run in self.runs and stop <= len(text) and text[start:stop] in self.text:
                longest, stop = stop - start, stop + 1
        return longest


def _runs(text: str) -> list[str]:
    return [text[start : start + RUN] for start in range(len(text) - RUN + 1)]


def measure(session: onnxruntime.InferenceSession, read: Quatrains, seed: int, sampled: int = SAMPLED) -> Poems:
    """Return the shares of poems that `session` writes in both forms with both rules, `sampled` of each, and what to
    compare them to."""
    training, tones = Training(read.train), read.tones
    characters = np.array(list("".join(poem.text for poem in read.train)))
    found = []
    for number, (form, length) in enumerate(FORMS.items()):
        for rule in RULES:
            front = quatrains.front(read.vocabulary, form, "song", rule)
            written = sample(session, [front] * sampled, read.vocabulary, seed=seed)
            found.append(shares("sampled", form, rule, written, tones, training))
        real = [poem.lines for poem in read.test if poem.form == form]
        found.append(shares("real", form, "", real, tones, training))
        drawn = np.random.default_rng((seed, number)).choice(characters, (BASELINE, 4, length))
        found.append(
            shares("characters", form, "", [["".join(line) for line in poem] for poem in drawn], tones, training)
        )
    return Poems(TEMPERATURE, TOP_K, RUN, tuple(found))


def shares(
    kind: str, form: str, rule: str, written: Sequence[Sequence[str]], tones: Tones, training: Training
) -> PoemShares:
    """Return what share of the poems `written`, each a sequence of lines, is as it should be: of another form than
    `form`, it neither rhymes nor keeps the rule."""
    right = [has_form(lines, form) for lines in written]
    lines = [line for poem in written for line in poem]
    runs = [training.longest_run("".join(poem)) for poem in written]
    return PoemShares(
        kind=kind,
        form=form,
        rule=rule,
        count=len(written),
        right_form=float(np.mean(right)),
        rhyme=float(np.mean([fits and poems.rhymes(poem) for fits, poem in zip(right, written, strict=True)])),
        regulated=float(np.mean([fits and tones.regulated(poem) for fits, poem in zip(right, written, strict=True)])),
        copied_lines=float(np.mean([line in training.lines for line in lines])),
        copied_runs=float(np.mean([run >= RUN for run in runs])),
        longest_run=max(runs),
    )


def sample(
    session: onnxruntime.InferenceSession,
    fronts: Sequence[Sequence[int]],
    words: Vocabulary,
    *,
    temperature: float = TEMPERATURE,
    top_k: int = TOP_K,
    seed: int,
) -> list[list[str]]:
    """Return the lines that `session` writes behind each of `fronts`: up to the fourth line end or, where that does not
    come, to the last token of the context, what stands behind the last line end a line as well."""
    rng, end = np.random.default_rng(seed), words.id(END)
    written: list[list[str]] = []
    for first in range(0, len(fronts), BATCH):
        ids = np.array(fronts[first : first + BATCH], np.int64)
        while ids.shape[1] <= quatrains.CONTEXT and ((ids == end).sum(1) < 4).any():
            chosen = _choose(logits(session, ids)[:, -1], temperature, top_k, rng)
            ids = np.concatenate([ids, chosen[:, None]], 1)
        written += [_lines(row[FRONT:], words) for row in ids]
    return written


def _choose(scores: NDArray[np.float32], temperature: float, top_k: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return one of the `top_k` likeliest tokens of each row by its chance, never PADDING or UNKNOWN."""
    scores = scores.astype(np.float64)
    scores[:, [PADDING, UNKNOWN]] = -np.inf
    best = np.argsort(-scores, axis=1)[:, :top_k]
    kept = np.take_along_axis(scores, best, 1) / temperature
    chances = np.exp(kept - kept.max(1, keepdims=True))
    reached = np.cumsum(chances, 1) / chances.sum(1, keepdims=True)
    places = (reached < rng.random((len(scores), 1))).sum(1)
    return np.take_along_axis(best, places[:, None], 1)[:, 0]


def _lines(ids: NDArray[np.int64], words: Vocabulary) -> list[str]:
    ends = [-1, *np.flatnonzero(ids == words.id(END))[:4]]
    if len(ends) < 5:
        ends.append(len(ids))
    return ["".join(words.entries[i] for i in ids[start + 1 : stop]) for start, stop in pairwise(ends)]


def logits(session: onnxruntime.InferenceSession, ids: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return (n, steps, tokens) logits of the next token, of a transformer or of a recurrent network."""
    names = {entry.name for entry in session.get_inputs()}
    given = feeds(session, ids, np.full(len(ids), ids.shape[1], np.int32))
    return session.run(["logits"], {name: array for name, array in given.items() if name in names})[0]


def loss(session: onnxruntime.InferenceSession, texts: NDArray[np.int64], front: int) -> tuple[float, float, int]:
    """Return the mean of -ln p of the tokens of `texts` (n, steps + 1) behind the first `front`, how often they were
    the likeliest, and how many they are, PADDING left out."""
    nats = right = count = 0.0
    for first in range(0, len(texts), BATCH):
        ids = texts[first : first + BATCH]
        scores = logits(session, ids[:, :-1])[:, front - 1 :].astype(np.float64)
        targets = ids[:, front:]
        top = scores.max(-1)
        losses = np.log(np.exp(scores - top[..., None]).sum(-1)) + top
        losses -= np.take_along_axis(scores, targets[..., None], -1)[..., 0]
        inside = targets != PADDING
        nats += losses[inside].sum()
        right += (scores.argmax(-1) == targets)[inside].sum()
        count += inside.sum()
    return nats / count, right / count, int(count)


def unigram(train: NDArray[np.int64], test: NDArray[np.int64], size: int, front: int) -> float:
    """Return the same mean of -ln p for a model that knows only how often each token stands in `train`, plus one."""
    counts = np.bincount(train[:, front:][train[:, front:] != PADDING], minlength=size) + 1.0
    targets = test[:, front:][test[:, front:] != PADDING]
    return float(-np.log(counts / counts.sum())[targets].mean())
