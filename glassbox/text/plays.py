"""A transformer that writes on from any text, character by character, as the plays that it learned from go on."""

from collections.abc import Iterator
from itertools import islice

from glassbox.text.read_text import MOST, ReadText, read_as, without_controls
from glassbox.text.sampling import AS_LEARNED, Sampling, WrittenCharacter, written
from glassbox.text.tokens import PADDING, PLAIN_QUOTES, UNKNOWN, TextError, Vocabulary, checked, cleaned
from glassbox.text.transformer import CachedTransformer, ReadTokens
from glassbox.text.writer import LONGEST
from glassbox.zoo.transformer_models import TransformerCard

END = "\n"
"""The token before a text that begins anew: a line's end."""
_NAMED = 8
"""Unknown characters that an error names."""


def read(text: str, words: Vocabulary, context: int) -> ReadText:
    """Return `text`, of several lines, as at most `context` tokens behind a line's end.

    Nothing in it is refused: an empty text is that of a line of which nothing is written.
    """
    lines = [without_controls(line) for line in text[:MOST].replace("\r\n", END).split(END)]
    signs = END.join(line for line, _ in lines).translate(PLAIN_QUOTES)
    return read_as((END,), tuple(signs), words, context, sum(removed for _, removed in lines))


class PlayWriter:
    """One network that writes plays. Threads may share it: a `ReadTokens` holds all that changes."""

    never = (PADDING, UNKNOWN)

    def __init__(self, transformer: CachedTransformer, card: TransformerCard) -> None:
        """Raises ValueError for a card of another kind."""
        self.card, self.vocabulary = card, Vocabulary("character", card.vocabulary)
        known = self.vocabulary.id(END) != UNKNOWN
        if (card.task, card.architecture, card.front) != ("plays", "transformer", 1) or not known:
            raise ValueError(f"{card.name} is no transformer that writes plays")
        self._transformer = transformer

    def start(self, prompt: str = "") -> ReadTokens:
        """Return the state after reading `prompt`, which may be empty and of several lines; of a long one the end.

        Raises TextError for one that is too long, holds control characters, or has some that the network does not know
        ("unknown").
        """
        if prompt.strip():
            checked(prompt, LONGEST)
        lines = prompt.replace("\r\n", END).split(END) if prompt.strip() else [""]
        text = END.join(cleaned(line) for line in lines).translate(PLAIN_QUOTES)
        if lacking := [sign for sign in text if self.vocabulary.id(sign) == UNKNOWN]:
            raise TextError("unknown", characters="".join(dict.fromkeys(lacking))[:_NAMED])
        return self._transformer.start([self.vocabulary.id(sign) for sign in (END, *text)])

    def step(self, state: ReadTokens, character: str) -> ReadTokens:
        """Return the state after `character`; one that the vocabulary lacks is read as unknown."""
        return self._transformer.step(state, self.vocabulary.id(character))

    def write(
        self, prompt: str = "", length: int = LONGEST, sampling: Sampling = AS_LEARNED
    ) -> Iterator[WrittenCharacter]:
        """Return the `length` characters, at most LONGEST, that go on from `prompt`, each as it is drawn.

        Writing that is taken up again after its own text goes on as it would have. Raises TextError like `start`.
        """
        characters = written(self, self.start(prompt), sampling, before=len(prompt))
        return islice(characters, min(length, LONGEST))
