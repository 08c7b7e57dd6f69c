"""Links that nobody was given: parameters of every page with values that are nearly right, or not at all."""

import re
from collections.abc import Iterator
from urllib.parse import quote

import numpy as np

from glassbox.digits import links, strokes
from glassbox.paths import PACKAGE, ROOT
from tests.hostile.mutation import mutated_text

_SOURCES = [*(PACKAGE / "ui").rglob("*.py"), *(ROOT / "pages").glob("*.py")]
PARAMETERS = sorted(
    {"lang", "d", "digits", "text", "task"}.union(
        *(re.findall(r'parameter="(\w+)"', file.read_text(encoding="utf-8")) for file in _SOURCES)
    )
)
"""What links carry, over all pages."""
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
_BROKEN_BYTES = ("%ED%A0%80", "%FF%FE", "%C0%AE", "%", "%zz", "%u0041")


def forged(count: int, seed: int = 0) -> Iterator[str]:
    """Yield `count` queries of one to five parameters, what follows the question mark of a link."""
    random = np.random.default_rng(seed)
    for _ in range(count):
        yield "&".join(_parameter(random) for _ in range(int(random.integers(1, 6))))


def _parameter(random: np.random.Generator) -> str:
    name, value = PARAMETERS[int(random.integers(len(PARAMETERS)))], VALUES[int(random.integers(len(VALUES)))]
    text = quote(mutated_text(value, VALUES, random)[:12_000], errors="surrogatepass")
    if random.random() < 0.05:
        text += _BROKEN_BYTES[int(random.integers(len(_BROKEN_BYTES)))]
    return f"{name}={text}" if random.random() < 0.97 else text or name
