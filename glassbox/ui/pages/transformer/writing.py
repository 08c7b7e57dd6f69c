"""How the visitor's poem goes on, drawn by chance with a seed."""

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
from glassbox.zoo.transformer_models import TransformerCard

TEMPERATURE, TOP_K = 0.7, 20
_WRITTEN: Entry[Results] = declare("look_written", Kind.RESULTS, {})


def continuation(look: Look) -> str:
    """Return what the network writes behind the text up to the end of the poem; "" behind a whole poem."""
    return _written.of(look.everybodys)(look.provider, look.lines.ids, state.SEED.get(), 0.0, look.card)


def after_first_line(look: Look, dose: float) -> tuple[str, str]:
    """Return the text's first line, or all of it where it has no more, and what is written behind, steered by
    `dose`."""
    signs = look.lines.signs
    count = signs.index(END) + 1 if END in signs else len(signs)
    ids = look.lines.ids[: len(look.lines.asked) + count]
    written = _written.of(look.everybodys)(look.provider, ids, state.SEED.get(), dose, look.card)
    return "".join(signs[:count]), written


@kept(_WRITTEN, shared=64, own=8)
def _written(provider: str, ids: tuple[int, ...], seed: int, dose: float, _card: TransformerCard) -> str:
    words, reader = state.words(_card), transformers.reader(_card.name, provider)
    never = (PADDING, UNKNOWN, *map(words.id, ASKED))
    ends, text = ids.count(words.id(END)), ""
    if ends >= LINES:
        return text
    writer = PatchedWriter(reader, words, steered(_card, provider, dose), never)
    for one in writer.write(ids, Sampling(TEMPERATURE, TOP_K, seed=seed), reader.context):
        text += one.character
        ends += one.character == END
        if ends == LINES:
            break
    return text
