"""Quatrains: their tones and form, their splits, their ids, and the same table from a file as from the repository."""

import gzip
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from export import poems, quatrains
from export.quatrains import Poem
from glassbox.text.prosody import Tones, has_form
from glassbox.text.quatrains import ANY, END, FRONT

GUANQUE = ("白日依山尽", "黄河入海流", "欲穷千里目", "更上一层楼")
GUANQUE_TONES = "仄仄平平仄平平仄仄平仄平平仄仄仄仄仄平平"
JINGYE = ("床前明月光", "疑是地上霜", "举头望明月", "低头思故乡")
JINGYE_TONES = "平平平仄平平仄仄仄平仄平仄平仄平平平仄平"
FENGQIAO = ("月落乌啼霜满天", "江枫渔火对愁眠", "姑苏城外寒山寺", "夜半钟声到客船")
FENGQIAO_TONES = "仄仄平平平仄平平平平仄仄平平平平平仄平平仄仄仄平平仄仄平"
THREE = [
    Poem("tang", "wujue", "登鹳雀楼", GUANQUE, GUANQUE_TONES),
    Poem("tang", "wujue", "静夜思", JINGYE, JINGYE_TONES),
    Poem("tang", "qijue", "枫桥夜泊", FENGQIAO, FENGQIAO_TONES),
]


def tones_of(*read: Poem) -> Tones:
    return poems.tones((poem.text, poem.tones) for poem in read)


# --- Tones ------------------------------------------------------------------------------------------------------------


def test_the_rule_of_tones_tells_regulated_poems_from_free_ones() -> None:
    for poem, regulated in zip(THREE, (True, False, True), strict=True):
        assert tones_of(poem).regulated(poem.lines) is regulated


def test_the_rule_is_broken_within_a_line_or_between_two() -> None:
    plain = Tones({"p": "平", "z": "仄"})
    assert plain.regulated(("pzppz", "zpzzp", "ppzzp", "zzppz"))
    assert not plain.regulated(("pzpzz", "zpzzp", "ppzzp", "zzppz"))  # the first line's second and fourth
    assert not plain.regulated(("pzppz", "zzzpp", "ppzzp", "zzppz"))  # the first couplet's lines are alike
    assert plain.regulated(("pzppz", "zpzzp", "zzppz", "ppzzp"))  # how the couplets join is left out
    seven = ("zzppzzp", "ppzzppz", "ppzzppz", "zzppzzp")
    assert plain.regulated(seven)
    assert not plain.regulated(("zzppzpp", *seven[1:]))  # the sixth


def test_a_character_of_both_tones_keeps_the_rule_either_way() -> None:
    found = poems.tones([("中", "平")] * 9 + [("中", "仄")] * 1 + [("一", "仄")] * 11 + [("一", "平")])
    assert found.of == {"中": "○", "一": "仄"}
    both = Tones({"p": "平", "z": "仄", "中": "○"})
    assert both.regulated(("p中ppz", "zpzzp", "ppzzp", "zzppz"))
    assert Tones({}).regulated(JINGYE)


def test_form() -> None:
    assert has_form(GUANQUE, "wujue") and has_form(FENGQIAO, "qijue")
    assert not has_form(GUANQUE, "qijue")
    assert not has_form(GUANQUE[:3], "wujue")
    assert not has_form((*GUANQUE[:3], "更上一层"), "wujue")


# --- Splits -----------------------------------------------------------------------------------------------------------


def many() -> list[Poem]:
    """1,500 poems of which each third one takes over two lines of another."""
    rng = np.random.default_rng(1)
    characters = [chr(0x4E00 + i) for i in range(400)]
    made: list[Poem] = []
    for i in range(1_500):
        lines = ["".join(rng.choice(characters, 5)) for _ in range(4)]
        if i % 3 == 2:
            lines[:2] = made[rng.integers(len(made))].lines[2:]
        made.append(Poem("song", "wujue", f"题{i}", tuple(lines), "平" * 20))
    return made


def test_poems_that_share_two_lines_are_in_one_split() -> None:
    read = many()
    found = quatrains.split(read)
    parts = {poem: part for part in ("train", "validation", "test") for poem in getattr(found, part)}
    assert len(parts) == len(read)
    assert all(getattr(found, part) for part in ("train", "validation", "test"))
    shared = 0
    for i, one in enumerate(read):
        for other in read[:i]:
            if len(set(one.lines) & set(other.lines)) >= 2:
                shared += 1
                assert parts[one] == parts[other]
    assert shared >= 500


def test_a_family_holds_through_others() -> None:
    a = Poem("song", "wujue", "", ("一一一一一", "二二二二二", "三三三三三", "四四四四四"))
    b = Poem("song", "wujue", "", ("一一一一一", "二二二二二", "五五五五五", "六六六六六"))
    c = Poem("song", "wujue", "", ("七七七七七", "六六六六六", "五五五五五", "八八八八八"))
    alone = Poem("song", "wujue", "", ("七七七七七", "九九九九九", "十十十十十", "零零零零零"))
    assert quatrains.families([a, c, b, alone]) == [a.text, a.text, a.text, alone.text]


# --- Ids --------------------------------------------------------------------------------------------------------------


def test_a_poem_is_what_asks_for_it_and_its_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quatrains, "RAREST", 1)
    found = quatrains.Quatrains(tuple(THREE), (), ())
    words = found.vocabulary
    written = [words.entries[i] for i in quatrains.encode(THREE[2], words, found.tones)]
    assert written[:FRONT] == ["<qijue>", "<tang>", "<regulated>", ANY, ANY]
    assert "".join(written[FRONT:]) == "".join(line + END for line in FENGQIAO)
    free = [words.entries[i] for i in quatrains.encode(THREE[1], words, found.tones, "明月")]
    assert free[:FRONT] == ["<wujue>", "<tang>", "<free>", "明", "月"]
    ids = quatrains.encoded(THREE, words, found.tones).ids
    assert ids.shape == (3, quatrains.CONTEXT + 1)
    assert [int((row != 0).sum()) for row in ids] == [FRONT + 24, FRONT + 24, FRONT + 32]


def test_a_theme_is_of_the_title_and_rather_of_the_poem() -> None:
    assert Poem("tang", "qijue", "枫桥 夜泊", FENGQIAO).themes == ("枫桥", "夜泊")
    assert Poem("tang", "qijue", "夜泊枫桥近", FENGQIAO).themes == ("夜泊", "泊枫", "枫桥")
    assert Poem("tang", "qijue", "无题诗", FENGQIAO).themes == ("无题", "题诗")
    assert Poem("tang", "qijue", "春", FENGQIAO).themes == ()


def test_each_pass_reads_every_poem_once_and_half_of_them_with_a_theme(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quatrains, "RAREST", 1)
    found = quatrains.Quatrains(tuple(many()), (), ())
    data = quatrains.encoded(found.train, found.vocabulary, found.tones)
    batches = [data.batch(step, 100, seed=7) for step in range(30)]
    passes = [np.concatenate(batches[:15]), np.concatenate(batches[15:])]
    poems_read = [{tuple(row[FRONT:]) for row in one} for one in passes]
    assert poems_read[0] == poems_read[1] == {tuple(row[FRONT:]) for row in data.ids}
    assert not np.array_equal(passes[0][:, FRONT:], passes[1][:, FRONT:])
    words = found.vocabulary
    known = np.array([len(themes) > 0 for themes in data.themes])
    themed = np.mean([words.entries[row[FRONT - 1]] != ANY for one in passes for row in one])
    assert abs(themed - known.mean() / 2) < 0.04
    np.testing.assert_array_equal(batches[16], data.batch(16, 100, seed=7))  # of any step, at any time
    assert not np.array_equal(batches[16], data.batch(16, 100, seed=8))


# --- Sources ----------------------------------------------------------------------------------------------------------


@pytest.mark.export
def test_a_table_and_the_repository_give_the_same_poems(tmp_path: Path) -> None:
    pytest.importorskip("opencc", reason="needs export/requirements.txt")
    from export import quatrain_source

    table = tmp_path / "quatrains.tsv.gz"
    rows = [
        ("tang", "wujue", "王之涣", "登鹳雀楼", "/".join(GUANQUE), "/".join(_four(GUANQUE_TONES, 5))),
        ("song", "wujue", "某人", '"静"夜思', "/".join(JINGYE), ""),
    ]
    head = ("dynasty", "form", "author", "title", "lines", "tones")
    table.write_bytes(gzip.compress("\n".join("\t".join(row) for row in (head, *rows)).encode()))

    tang = [
        {"id": "1", "title": "登鸛雀樓", "paragraphs": ["白日依山盡，黃河入海流。", "欲窮千里目，更上一層樓。"]},
        {"id": "2", "title": "缺", "paragraphs": ["白日依山□，黃河入海流。", "欲窮千里目，更上一層樓。"]},
        {"id": "3", "title": "長", "paragraphs": ["白日依山盡，黃河入海流。"] * 4},
    ]
    song = [
        {"id": "4", "title": "又", "paragraphs": tang[0]["paragraphs"]},
        {"id": "5", "title": '"靜"夜思', "paragraphs": ["床前明月光，疑是地上霜。", "舉頭望明月，低頭思故鄉。"]},
    ]
    marks = [{"id": "1", "strains": ["仄仄平平仄，平平仄仄平。", "仄平平仄仄，仄仄仄平平。"]}]
    archive = tmp_path / "collection.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("root/全唐诗/poet.tang.0.json", json.dumps(tang))
        file.writestr("root/全唐诗/poet.song.1000.json", json.dumps(song))
        file.writestr("root/strains/json/poet.tang.0.json", json.dumps(marks))
    assert quatrain_source.read(archive) == quatrains.read(table)


def _four(text: str, length: int) -> list[str]:
    return [text[i : i + length] for i in range(0, len(text), length)]
