"""The sentences that the text networks learn from, in their splits: topics, film reviews, what an assistant is asked.

There is no Chinese sentiment: the public sample of ASAP (restaurant reviews, Apache-2.0,
https://github.com/Meituan-Dianping/asap) has 300 texts, 26 of them with one or two stars: too few to learn from.

Each set lies in a folder of its own under --text, or is downloaded from its public home and checked against its sha256.
"""

import csv
import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

HELD_OUT = 0.15
"""Share of the film reviews that is never trained on; of the other sets their makers' own test part."""
VALIDATION = 0.1
"""Share of the training dialogues (or film reviews) kept back to choose recipes and temperatures by."""

WINDOWS = {0x91: "\u2018", 0x96: "\u2013", 0x97: "\u2014"}
"""The signs of Windows-1252 that stand among the reviews as control characters."""
TOPICS = {
    "film": "film",
    "music": "music",
    "travel": "travel",
    "景点": "attraction",
    "餐馆": "restaurant",
    "酒店": "hotel",
    "地铁": "metro",
    "出租": "taxi",
}
"""Topics of KdConv and domains of CrossWOZ -> labels."""

SPLITS = ("train", "validation", "test")
CHINESE = (
    "KdConv (Zhou et al., 2020), dev and test, and CrossWOZ (Zhu et al., 2020), val and test",
    "Apache-2.0",
    "https://github.com/thu-coai/KdConv, https://github.com/thu-coai/CrossWOZ",
)

KDCONV = "https://raw.githubusercontent.com/thu-coai/KdConv/653db76432de09a004ba708a68f8bbd5500e6bec/data/"
CROSSWOZ = "https://raw.githubusercontent.com/thu-coai/CrossWOZ/df82c9fdff91b9b130f2d6b89110d3870ba6260e/data/crosswoz/"
REVIEWS = "https://raw.githubusercontent.com/nltk/nltk_data/gh-pages/packages/corpora/"
MASSIVE = "https://huggingface.co/datasets/SetFit/amazon_massive_intent_en-US/resolve/main/"
SHA256 = {
    KDCONV + "film/dev.json": "2f156d8d34bdd3eac31c196772156d36e017f8cb2255a2c312bd98e367ed363e",
    KDCONV + "film/test.json": "5ba2b79f9791bedbe5fe8a1bf5d7cbf277697743ee426ecd05459d9e28bcf21b",
    KDCONV + "music/dev.json": "ee34a4af167195db43fdcc910f8d125956222517f0572d248a069057493d557f",
    KDCONV + "music/test.json": "46f048c5db9dde45127cf6630b2fa06b685be369b71c5bc2dc3022d3f4bbad65",
    KDCONV + "travel/dev.json": "8d1f31295888cf61eff398bab8aa042f7fccd04a088bd63c939f0b79625a9093",
    KDCONV + "travel/test.json": "730426b0997b8375c8477c7e658c0ec645fced6ab8d546adda114b21cf30faac",
    CROSSWOZ + "val.json.zip": "b2b717990f6f0a1c98daaf5dc465e61d42f7de69c0d31e88e674275b1f34c94c",
    CROSSWOZ + "test.json.zip": "e57703894995211bba8638f130dc7df81e8992b71f3c05c10022ad23d6ca5310",
    REVIEWS + "sentence_polarity.zip": "6e1ed4405b65c7eabf1d199a7f7c437091ac21da0ea7467b410a74062574566b",
    MASSIVE + "train.jsonl": "5d7acab7dd4ec9f8253dec8571eafd75fa8fc4ef64ad401ef2ac6907d277e1a8",
    MASSIVE + "validation.jsonl": "616da8f9a9c33e72ae57f64bac4804f87b92f71712ef7f348f576032f7bf9c6d",
    MASSIVE + "test.jsonl": "946947a0e8de7f120bc643b2892f54638673b9fe97b627a67305ca5f2d93c3c2",
}


@dataclass(frozen=True)
class Sentences:
    """`texts` as their makers wrote them; `labels`: int64 (n,), indices into the corpus' labels."""

    texts: tuple[str, ...]
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.texts)

    def __getitem__(self, part: slice) -> "Sentences":
        return Sentences(self.texts[part], self.labels[part])


@dataclass(frozen=True)
class Corpus:
    """Sentences with one of `labels` each. No dialogue, and no sentence of a review, lies in two of the splits."""

    name: str
    licence: str
    source: str
    labels: tuple[str, ...]
    train: Sentences
    validation: Sentences
    test: Sentences


@dataclass(frozen=True)
class Texts:
    """Sentences to learn to write from, in the same splits as the corpora that they are from."""

    name: str
    licence: str
    source: str
    train: tuple[str, ...]
    validation: tuple[str, ...]
    test: tuple[str, ...]


@dataclass(frozen=True)
class Utterance:
    """One turn of a dialogue; `split` is "train", "validation" or "test" for all turns of one, `topic` a label, or None
    where the turn has no single one."""

    split: str
    topic: str | None
    text: str


def topics(folder: Path | None) -> Corpus:
    """Chinese utterances by topic: every one of KdConv, and those of CrossWOZ's users that have a single domain."""
    labels = tuple(TOPICS.values())
    said = utterances(folder)
    splits = ([(u.text, u.topic) for u in said if u.split == split and u.topic] for split in SPLITS)
    return Corpus(*CHINESE, labels, *(_sentences(split, labels) for split in splits))


def chinese(folder: Path | None) -> Texts:
    """Every utterance of both Chinese sets."""
    said = utterances(folder)
    return Texts(*CHINESE, *(tuple(u.text for u in said if u.split == split) for split in SPLITS))


def utterances(folder: Path | None) -> list[Utterance]:
    """All turns of both Chinese sets, also those of CrossWOZ's assistant, which have no topic here."""
    if folder is None:
        return [*_kdconv(), *_crosswoz()]
    kdconv = _table(folder / "zh_kdconv_topics" / "kdconv_dev_test_utterances.tsv.gz")
    crosswoz = _table(folder / "zh_crosswoz_domains" / "crosswoz_val_test_utterances.tsv.gz")
    return [
        *(Utterance(_split(r["source_split"], r["dialogue"]), TOPICS[r["topic"]], r["text"]) for r in kdconv),
        *(
            Utterance(
                _split(r["source_split"], r["dialogue"]),
                TOPICS.get(r["domains"]) if r["role"] == "usr" else None,
                r["text"],
            )
            for r in crosswoz
        ),
    ]


def english(folder: Path | None) -> Texts:
    """Film reviews and what people ask of an assistant."""
    both = reviews(folder), scenarios(folder)
    return Texts(
        " and ".join(c.name for c in both),
        "CC BY 4.0",
        ", ".join(c.source for c in both),
        *(tuple(text for c in both for text in getattr(c, split).texts) for split in SPLITS),
    )


def reviews(folder: Path | None) -> Corpus:
    """English sentences of film reviews, half of them in favour."""
    path = (
        folder / "en_mr_polarity" / "sentence_polarity.zip" if folder else _download(REVIEWS + "sentence_polarity.zip")
    )
    labels = ("negative", "positive")
    rows: list[tuple[str, str]] = []
    with zipfile.ZipFile(path) as archive:
        for label in labels:
            content = archive.read(f"sentence_polarity/rt-polarity.{label[:3]}").decode("utf-8")
            lines = content.translate(WINDOWS).split("\n")
            rows += [(line.strip(), label) for line in lines if line.strip()]
    train = [row for row in rows if not _chosen(row[0], HELD_OUT)]
    splits = (
        [row for row in train if not _chosen(row[0][::-1], VALIDATION)],
        [row for row in train if _chosen(row[0][::-1], VALIDATION)],
        [row for row in rows if _chosen(row[0], HELD_OUT)],
    )
    return Corpus(
        "Sentence Polarity Dataset v1.0 (Pang and Lee, 2005)",
        "CC BY 4.0",
        "https://www.cs.cornell.edu/people/pabo/movie-review-data/",
        labels,
        *(_sentences(split, labels) for split in splits),
    )


def scenarios(folder: Path | None) -> Corpus:
    """What people ask of an assistant, in English, by scenario: the part of an intent before its first "_"."""
    splits = []
    for split in ("train", "validation", "test"):
        if folder:
            content = gzip.decompress((folder / "en_massive_intents" / f"{split}.jsonl.gz").read_bytes())
        else:
            content = _download(MASSIVE + f"{split}.jsonl").read_bytes()
        rows = [json.loads(line) for line in content.decode("utf-8").splitlines()]
        splits.append([(row["text"], row["label_text"].partition("_")[0]) for row in rows])
    labels = tuple(sorted({label for _, label in splits[0]}))
    return Corpus(
        "MASSIVE 1.1, English (FitzGerald et al., 2023)",
        "CC BY 4.0",
        "https://github.com/alexa/massive",
        labels,
        *(_sentences(split, labels) for split in splits),
    )


CORPORA: dict[str, Callable[[Path | None], Corpus]] = {
    "topic": topics,
    "sentiment": reviews,
    "scenario": scenarios,
}
"""The sentences of each task of a card."""


def _sentences(rows: Iterable[tuple[str, str]], labels: tuple[str, ...]) -> Sentences:
    rows = list(rows)
    return Sentences(tuple(text for text, _ in rows), np.array([labels.index(label) for _, label in rows], np.int64))


def _split(part: str, dialogue: str) -> str:
    return "test" if part == "test" else "validation" if _chosen(dialogue, VALIDATION) else "train"


def _chosen(key: str, share: float) -> bool:
    """The same answer in every run for the same key, True for about `share` of all keys."""
    return zlib.crc32(key.encode()) % 10_000 < 10_000 * share


def _table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(gzip.decompress(path.read_bytes()).decode("utf-8")), dialect="excel-tab"))


def _download(url: str) -> Path:
    """The file at `url`, kept in Keras' cache. Raises ValueError if it is not the one that it should be."""
    import keras  # here: sentences from a folder need none

    name = url.removeprefix("https://").replace("/", "-")
    return Path(keras.utils.get_file(name, url, file_hash=SHA256[url], cache_subdir="datasets/glassbox"))


def _kdconv() -> Iterable[Utterance]:
    for topic in ("film", "music", "travel"):
        for split in ("dev", "test"):
            dialogues = json.loads(_download(f"{KDCONV}{topic}/{split}.json").read_text(encoding="utf-8"))
            for i, dialogue in enumerate(dialogues):
                for turn in dialogue["messages"]:
                    yield Utterance(_split(split, f"{topic}-{split}-{i}"), topic, turn["message"])


def _crosswoz() -> Iterable[Utterance]:
    for split in ("val", "test"):
        with zipfile.ZipFile(_download(f"{CROSSWOZ}{split}.json.zip")) as archive:
            dialogues = json.loads(archive.read(f"{split}.json"))
        for name, dialogue in dialogues.items():
            for turn in dialogue["messages"]:
                domains = {act[1] for act in turn["dialog_act"] if act[0] != "General"}
                topic = TOPICS[domains.pop()] if turn["role"] == "usr" and len(domains) == 1 else None
                yield Utterance(_split(split, name), topic, " ".join(turn["content"].split()))
