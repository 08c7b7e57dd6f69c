"""How the visitor's text goes on, drawn by chance with a seed."""

from glassbox.explain.patched_writing import PatchedWriter
from glassbox.text.quatrains import ASKED, END, LINES
from glassbox.text.sampling import Sampling
from glassbox.text.tokens import PADDING, UNKNOWN
from glassbox.ui.base.results import Results, kept
from glassbox.ui.base.state import Entry, Kind, declare
from glassbox.ui.frame import transformers
from glassbox.ui.pages.transformer import state
from glassbox.ui.pages.transformer.directions import steered
from glassbox.ui.pages.transformer.look import Look
from glassbox.ui.pages.transformer.poets import QUATRAINS
from glassbox.zoo.transformer_models import TransformerCard

TEMPERATURE, TOP_K = 0.7, 20
PASSAGE, FEW = 80, 20
"""Characters of a play that are written to be read, and behind a text whose tokens are looked at one by one."""
_WRITTEN: Entry[Results] = declare("look_written", Kind.RESULTS, {})


def continuation(look: Look) -> str:
    """Return what the network writes behind the text: up to the end of a poem, a FEW characters of a play."""
    return _behind(look, look.text.ids, 0.0, FEW)


def after_first_line(look: Look, dose: float) -> tuple[str, str]:
    """Return the text's first line, or all of it where it has no more, and what is written behind, steered by
    `dose`."""
    signs = look.text.signs
    count = signs.index(END) + 1 if END in signs else len(signs)
    ids = look.text.ids[: len(look.text.asked) + count]
    return "".join(signs[:count]), _behind(look, ids, dose, PASSAGE)


def _behind(look: Look, ids: tuple[int, ...], dose: float, most: int) -> str:
    given = (look.card.name, look.provider, ids, state.SEED.get(), dose, most)
    return _written.of(look.everybodys)(*given, look.card)


@kept(_WRITTEN, shared=64, own=8)
def _written(
    name: str, provider: str, ids: tuple[int, ...], seed: int, dose: float, most: int, _card: TransformerCard
) -> str:
    """Return what is written behind `ids`: of a poem what it lacks, of a play `most` characters, if there is room."""
    words, reader = state.words(_card), transformers.reader(name, provider)
    never = (PADDING, UNKNOWN, *(words.id(word) for word in ASKED if words.id(word) != UNKNOWN))
    lacks, length = LINES - ids.count(words.id(END)), reader.context
    if _card.task != QUATRAINS:
        lacks = length = most
    if lacks <= 0:
        return ""
    writer, text = PatchedWriter(reader, words, steered(_card, provider, dose), never), ""
    for one in writer.write(ids, Sampling(TEMPERATURE, TOP_K, seed=seed), length):
        text += one.character
        lacks -= one.character == END
        if not lacks:
            break
    return text
