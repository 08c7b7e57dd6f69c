"""Small sets of sentences in the forms that `python -m export --text` reads and that their public homes have."""

import csv
import gzip
import io
import json
import zipfile
from pathlib import Path

import numpy as np

DOMAINS = {
    "景点": "故宫的门票要多少钱",
    "餐馆": "想吃烤鸭的餐馆人均消费",
    "酒店": "酒店有没有叫醒服务和早餐",
    "地铁": "最近的地铁站怎么走",
    "出租": "帮我叫一辆出租车去那里",
}
TOPICS = {"film": "这部电影的导演和主演是谁", "music": "这首歌是谁唱的专辑", "travel": "那座山的海拔和气候怎么样"}
ENDS = ("呢", "呀，知道吗？", "，谢谢你！", "啊。", "，我想问问", "ＯＫ")
SCENARIOS = {
    "alarm_set": "wake me up at seven",
    "play_music": "play a song by the band",
    "play_radio": "play the radio",
    "weather_query": "will it rain in the morning",
}


def write(folder: Path) -> None:
    """Both Chinese sets as tables, the reviews as NLTK packs them, the requests as compressed lines of JSON."""
    _table(
        folder / "zh_kdconv_topics" / "kdconv_dev_test_utterances.tsv.gz",
        ("source_split", "topic", "dialogue", "text"),
        [
            (split, topic, f"{topic}-{split}-{i}", text)
            for topic in TOPICS
            for split in ("dev", "test")
            for i, turns in enumerate(_kdconv(topic, split))
            for text in turns
        ],
    )
    _table(
        folder / "zh_crosswoz_domains" / "crosswoz_val_test_utterances.tsv.gz",
        ("source_split", "dialogue", "role", "domains", "intents", "text"),
        [
            (split, name, role, "|".join(domains), "", " ".join(text.split()))
            for split in ("val", "test")
            for name, turns in _crosswoz(split).items()
            for role, domains, text in turns
        ],
    )
    reviews = folder / "en_mr_polarity" / "sentence_polarity.zip"
    reviews.parent.mkdir(parents=True)
    rng = np.random.default_rng(1)
    with zipfile.ZipFile(reviews, "w") as archive:
        for label, mood in (("neg", ("dull", "tired", "bad")), ("pos", ("warm", "funny", "it's good"))):
            lines = [f"a {mood[rng.integers(3)]} film number {i} about cats and dogs . " for i in range(120)]
            archive.writestr(f"sentence_polarity/rt-polarity.{label}", "\n".join(lines) + "\n")
    _strange(folder)
    (folder / "en_massive_intents").mkdir()
    for split, count in (("train", 40), ("validation", 8), ("test", 20)):
        lines = [
            json.dumps({"id": str(i), "label": 0, "text": f"{text} please {i}", "label_text": label})
            for i in range(count)
            for label, text in SCENARIOS.items()
        ]
        (folder / "en_massive_intents" / f"{split}.jsonl.gz").write_bytes(gzip.compress("\n".join(lines).encode()))


def _strange(folder: Path) -> None:
    """Quatrains, lines of plays and reviews of restaurants, which nothing is trained on."""
    quatrains = [
        ("tang", "wujue", "x", "y", f"白日依山尽/黄河入海{'流深远长'[i % 4]}/欲穷千里目/更上一层楼", "")
        for i in range(30)
    ]
    head = ("dynasty", "form", "author", "title", "lines", "tones")
    _table(folder / "zh_quatrains" / "quatrains.tsv.gz", head, quatrains)
    (folder / "en_shakespeare").mkdir()
    lines = "\n".join(f"Thou art the {word} of my heart\n" for word in ("film", "play", "dull", "king", "ghost") * 6)
    (folder / "en_shakespeare" / "input.txt.gz").write_bytes(gzip.compress(lines.encode()))
    (folder / "zh_asap_sample").mkdir()
    for part in ("train", "dev", "test"):
        with (folder / "zh_asap_sample" / f"{part}_sample.csv").open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([("index", "reviewbody"), *((i, "烤鸭皮脆肉嫩，下次还来") for i in range(5))])


def public(folder: Path) -> dict[str, Path]:
    """The Chinese sets of `write` as GitHub has them: the end of each file's address -> where it lies in `folder`."""
    files = {}
    for topic in TOPICS:
        for split in ("dev", "test"):
            dialogues = [
                {"name": topic, "messages": [{"message": text} for text in turns]} for turns in _kdconv(topic, split)
            ]
            path = folder / f"{topic}-{split}.json"
            path.write_text(json.dumps(dialogues, ensure_ascii=False), encoding="utf-8")
            files[f"{topic}/{split}.json"] = path
    for split in ("val", "test"):
        dialogues = {
            name: {
                "messages": [
                    {
                        "role": role,
                        "content": text,
                        "dialog_act": [
                            ["General", "greet", "none", "none"],
                            *(["Inform", d, "名称", "x"] for d in domains),
                        ],
                    }
                    for role, domains, text in turns
                ]
            }
            for name, turns in _crosswoz(split).items()
        }
        path = folder / f"{split}.json.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(f"{split}.json", json.dumps(dialogues, ensure_ascii=False))
        files[path.name] = path
    return files


def _kdconv(topic: str, split: str) -> list[list[str]]:
    shift = 0 if split == "dev" else 1
    return [[f'{TOPICS[topic]}{ENDS[(i + j + shift) % len(ENDS)]} "{i}"' for j in range(3)] for i in range(24)]


def _crosswoz(split: str) -> dict[str, list[tuple[str, list[str], str]]]:
    return {
        f"{split}{i}": [
            ("usr", [domain], f"{DOMAINS[domain]}{ENDS[i % len(ENDS)]}"),
            ("sys", [domain], f"为您推荐\t{domain}\n第{i}号"),
            ("usr", ["酒店", "餐馆"], "附近还有酒店和餐馆吗"),
            ("usr", [], "好的，再见"),
        ]
        for i, domain in enumerate(list(DOMAINS) * 8)
    }


def _table(path: Path, head: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    path.parent.mkdir(parents=True)
    lines = io.StringIO()
    csv.writer(lines, dialect="excel-tab").writerows([head, *rows])
    path.write_bytes(gzip.compress(lines.getvalue().encode("utf-8")))
