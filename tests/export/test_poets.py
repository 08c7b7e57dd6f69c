"""A network that writes quatrains, from small data to its card, and what is measured of it."""

import gzip
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

pytest.importorskip("tensorflow", reason="needs export/requirements.txt")
pytest.importorskip("pypinyin", reason="needs export/requirements.txt")


from export import poem_measures, poems, quatrains, transformer, transformer_convert
from export.poem_measures import Training
from export.quatrains import Poem
from glassbox.text.prosody import Tones
from glassbox.text.quatrains import ASKED, FRONT
from glassbox.text.tokens import Vocabulary
from glassbox.zoo import transformer_models
from tests.export.command import export_models

pytestmark = pytest.mark.export
WORDS = Vocabulary("character", ("<padding>", "<unknown>", "\n", *ASKED, *"一二三四五六七八九十"))
LINES = ("一二三四五", "二三四五六", "三四五六七", "四五六七八")


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both networks after a few steps on 600 poems."""
    folder = tmp_path_factory.mktemp("poets")
    rng = np.random.default_rng(1)
    rows = ["dynasty\tform\tauthor\ttitle\tlines\ttones"]
    for i in range(600):
        length = (5, 7)[i % 2]
        lines = ["".join(rng.choice(list("春江花月夜天明何"), length)) for _ in range(4)]
        tones = "/".join("平" * length for _ in lines)
        rows.append(
            f"{('tang', 'song')[i % 3 == 0]}\t{('wujue', 'qijue')[i % 2]}\t某\t春江\t{'/'.join(lines)}\t{tones}"
        )
    table = folder / "text" / "zh_quatrains" / "quatrains.tsv.gz"
    table.parent.mkdir(parents=True)
    table.write_bytes(gzip.compress("\n".join(rows).encode()))
    models, folders = folder / "models", ("--text", table.parents[1], "--checkpoints", folder / "checkpoints")
    export_models("--quick", "--only", "poet_zh", "poet_zh_gru", *folders, "--out", models)
    return models


def test_the_app_accepts_both_networks(exported: Path) -> None:
    found = transformer_models.load(exported)
    assert found.refused == {} and set(found.cards) == {"poet_zh", "poet_zh_gru"}
    for name, card in found.cards.items():
        assert (card.architecture, card.heads) == {"poet_zh": ("transformer", 4), "poet_zh_gru": ("gru", 0)}[name]
        assert card.context == quatrains.CONTEXT and card.front == FRONT
        assert card.held_out.unigram == pytest.approx(np.log(8 * 7 / 6) * 6 / 7 + np.log(7) / 7, abs=0.05)
        assert [(s.kind, s.form) for s in card.poems.shares][:4] == [
            *[("sampled", "wujue")] * 2,
            ("real", "wujue"),
            ("characters", "wujue"),
        ]
        real = [s for s in card.poems.shares if s.kind != "sampled"]
        assert all(s.right_form == 1 and s.copied_lines < 0.05 for s in real)


def test_shares() -> None:
    training = Training((Poem("song", "wujue", "", LINES),))
    tones = Tones({"一": "平"})
    rhyming = ("一一一一一", "一一一一天", "一一一一一", "一一一一年")
    cut = ("一一一", *LINES[1:])
    found = poem_measures.shares("real", "wujue", "", [LINES, rhyming, cut], tones, training)
    assert found.right_form == pytest.approx(2 / 3)
    assert found.regulated == pytest.approx(1 / 3)  # characters of unknown tone may keep it
    assert found.rhyme == pytest.approx(1 / 3)
    assert found.copied_lines == pytest.approx(7 / 12)
    assert found.copied_runs == pytest.approx(2 / 3)
    assert found.longest_run == 20


def test_rhymes_are_todays() -> None:
    assert poems.rhymes(("", "黄河入海流", "", "更上一层楼"))
    assert poems.rhymes(("", "疑是地上霜", "", "低头思故乡"))
    assert not poems.rhymes(("", "夜泊秦淮近酒家", "", "恐惊天上人"))
    assert poems.rhymes(("", "一", "", "鱼")) and not poems.rhymes(("", "路", "", "鱼"))


def test_the_longest_run_is_of_one_poem_and_of_eight_characters_at_least() -> None:
    training = Training((Poem("", "", "", ("甲乙丙丁戊", "己庚辛壬癸")), Poem("", "", "", ("子丑寅卯辰",))))
    assert training.longest_run("天甲乙丙丁戊己庚辛地") == 8
    assert training.longest_run("丙丁戊己庚辛壬癸子丑") == 8
    assert training.longest_run("辛壬癸子丑寅卯辰") == 0
    assert training.longest_run("甲乙丙丁戊己庚") == 0


def untrained() -> onnxruntime.InferenceSession:
    """A transformer of random weights."""
    model = transformer.build("small", transformer.Shape(len(WORDS), quatrains.CONTEXT, 1, 2, 8, 8))
    rng = np.random.default_rng(1)
    for weight in model.trainable_variables:
        weight.assign(rng.normal(0, 0.5, weight.shape))
    content = transformer_convert.convert(model).SerializeToString()
    return onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])


def test_poems_are_sampled_as_their_chances_are() -> None:
    session = untrained()
    fronts = [quatrains.front(WORDS, "wujue", "song", "free")] * 2_000
    written = poem_measures.sample(session, fronts, WORDS, temperature=0.7, top_k=5, seed=3)
    texts = ["".join(line + "\n" for line in lines) for lines in written]
    scores = poem_measures.logits(session, np.array(fronts[:1]))[0, -1] / 0.7
    scores[:2] = -np.inf
    kept = np.sort(np.argsort(-scores)[:5])
    chances = np.exp(scores[kept]) / np.exp(scores[kept]).sum()
    for token, chance in zip(kept, chances, strict=True):
        share = np.mean([text.startswith(WORDS.entries[token]) for text in texts])
        assert abs(share - chance) < 4 * np.sqrt(chance / 2_000)
    assert all(len(lines) <= 5 and "<padding>" not in "".join(lines) for lines in written)
    assert poem_measures.sample(session, fronts[:9], WORDS, seed=3) == poem_measures.sample(
        session, fronts[:9], WORDS, seed=3
    )


def test_loss_and_unigram_count_what_stands_behind_the_front() -> None:
    session = untrained()
    ids = np.random.default_rng(5).integers(1, len(WORDS), (6, 12))
    ids[3:, 9:] = 0
    nats, accuracy, count = poem_measures.loss(session, ids, front=4)
    scores = poem_measures.logits(session, ids[:, :-1]).astype(np.float64)
    chances = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
    cells = [(n, t) for n in range(6) for t in range(4, 12) if ids[n, t]]
    assert count == len(cells) == 6 * 5 + 3 * 3
    assert nats == pytest.approx(np.mean([-np.log(chances[n, t - 1, ids[n, t]]) for n, t in cells]))
    assert accuracy == np.mean([chances[n, t - 1].argmax() == ids[n, t] for n, t in cells])
    texts = np.array([[9, 9, 1, 1, 2, 0]])
    assert poem_measures.unigram(texts, texts, 4, front=2) == pytest.approx(-(2 * np.log(3 / 7) + np.log(2 / 7)) / 3)
