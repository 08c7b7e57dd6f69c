"""Links that nobody was given: parameters of a page with values that are nearly right, or not at all."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from urllib.parse import quote

import numpy as np

from glassbox.digits import links, strokes
from glassbox.paths import PACKAGE, ROOT
from glassbox.playground import setup as playground
from glassbox.playground.lessons import LESSONS
from glassbox.ui.frame.places import PLACES
from glassbox.ui.pages.sorting import state as sorting
from glassbox.ui.pages.transformer import state as transformer
from glassbox.ui.pages.writing import state as writing
from tests.hostile.mutation import mutated_text

EVERYWHERE = ("lang", "d", "digits", "label")
"""What any page may read of its link."""
TOGETHER: Mapping[str, Sequence[str]] = {
    "playground": playground.NAMES,
    "sorting": sorting.NAMES,
    "transformer": ("model", *transformer._NAMES),
    "writing": tuple(writing._PARAMETERS),
    "text": ("task", "text"),
}
"""What the pages read of their links that follow several parameters as one, by page."""
_NAMED = re.compile(r'(?:\bparameter=|\bPARAMETER = |\bchoose_network\()"(\w+)"')
_DIGITS = [strokes.draw(sample.strokes, 28, 2.5) for sample in strokes.SAMPLES]
VALUES = (
    *map(links.to_link, _DIGITS[:4]),
    links.several_to_link(np.stack(_DIGITS[:3])) or "",
    *(
        "en",
        "zh",
        "0",
        "1",
        "3",
        "7",
        "12",
        "0.5",
        "0.10",
        "1e3",
        "nan",
        "inf",
        "-1",
        "1-3",
        "2012-2020",
        "3.5",
        "1000000",
    ),
    *(
        "mlp",
        "cnn",
        "rnn",
        "gru",
        "lstm",
        "mlp-cnn",
        "conv.5.14.13",
        "gru.z.3.7",
        "rnn.score.28.0",
        "attention.1.2.3.4",
    ),
    *(
        "text_zh_gru",
        "poet_zh",
        "char_en",
        "induction",
        "addition",
        "abcabcab",
        "123+456",
        "sentiment",
        "topic",
        "decided",
    ),
    *("own", "structure", "run", "explain", "compare", "make", "int8", "fp16", "FRA", "neuron", "kept", "inversion"),
    *(
        "a dull film",
        "这部电影很好看",
        "春江花月夜",
        "",
        " ",
        "__proto__",
        "../../etc/passwd",
        "<script>",
        "{0.__class__}",
    ),
    *("{page}", "%00", "$x$", ":red[x]", "![x](http://127.0.0.1:9/leak)", "a" * 9000, "0" * 5000, "A" * 1100),
)
"""What a parameter holds on some page, and what it holds on none."""
_LESSONS = [playground.to_query(lesson) for lesson in LESSONS.values()]
VALID: Mapping[str, Sequence[str]] = {
    **{name: [query[name] for query in _LESSONS if name in query] for name in playground.NAMES},
    "task": ("sort", "reverse", "sentiment", "intent", "topic"),
    "text": ("a dull film", "这部电影很好看", "白日依山尽/黄河入海流", "ROMEO: My lord, "),
    "ask": ("wujue.tang.regulated.山水", "..free.", "qijue.song.regulated."),
    "at": ("0", "3", "-1", "99"),
    "head": ("1.1", "2.3", "4.4", "9.9"),
    "off": ("1.2-4.4", "1.1", "2.1-2.2-2.3"),
    "word": ("山", "the", "e", "\n", " "),
    "against": ("水", "a", "film"),
    "dose": ("0.25", "-0.5", "0"),
    "section": ("attention", "lens", "circuit", "cache", "run", "explain", "compare", "make"),
    "prompt": ("我想", "the film ", "ROMEO:", ""),
    "given": ("lines", "acrostic", "theme"),
    "words": ("床前明月光", "春夏秋冬", "明月", ""),
    "ways": ("4.春", "12.好40.天", "0.a1.b2.c"),
    "top_k": ("1", "40", "0"),
    "top_p": ("0.5", "1"),
    "temperature": ("0.2", "1.50", "2"),
    "layout": ("vertical", "horizontal"),
    "sequence": ("abcab", "aab"),
    "sum": ("123+456", "999+1", "0+0"),
    "cell": ("conv.5.14.13", "1-2", "0-0-0", "3.4"),
    "number": ("gru.z.3.7", "rnn.score.28.0"),
    "networks": ("mlp-cnn", "lstm"),
    "neuron": ("1", "64"),
    "without": ("1-3", "1-2-3-4-5"),
    "years": ("2012-2020", "2020-2012"),
    "since": ("2012", "1950"),
    "rate": ("0.1", "0.03", "3"),
    "steps": ("1", "5", "20"),
    "step": ("0", "100", "1000"),
    "beat": ("1", "3", "9"),
    "seed": ("1", "999"),
}
"""What some parameters may hold, as far as it is not among VALUES."""
_BROKEN_BYTES = ("%ED%A0%80", "%FF%FE", "%C0%AE", "%", "%zz", "%u0041")


@cache
def parameters(page: str) -> tuple[str, ...]:
    """Return the parameters that `page`, a key of PLACES, reads of its link."""
    files = [ROOT / PLACES[page].file, *(PACKAGE / "ui" / "pages" / page).rglob("*.py")]
    named = {name for file in files for name in _NAMED.findall(file.read_text(encoding="utf-8"))}
    return tuple(sorted({*EVERYWHERE, *TOGETHER.get(page, ()), *named}))


def forged(page: str, count: int, seed: int = 0) -> Iterator[str]:
    """Yield `count` queries of one to five parameters for `page`, what follows the question mark of a link."""
    random = np.random.default_rng(seed)
    read, others = parameters(page), sorted({name for place in PLACES for name in parameters(place)})
    for _ in range(count):
        yield "&".join(
            _parameter(read if random.random() < 0.9 else others, random) for _ in range(int(random.integers(1, 6)))
        )


def _parameter(names: Sequence[str], random: np.random.Generator) -> str:
    name = names[int(random.integers(len(names)))]
    values = (random.random() < 0.6 and VALID.get(name)) or VALUES
    text = mutated_text(values[int(random.integers(len(values)))], VALUES, random)
    text = quote(text[:12_000], errors="surrogatepass")
    if random.random() < 0.05:
        text += _BROKEN_BYTES[int(random.integers(len(_BROKEN_BYTES)))]
    return f"{name}={text}" if random.random() < 0.97 else text or name
