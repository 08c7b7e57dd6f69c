"""A transformer that writes quatrains: what is asked for stands in front, and lines may begin as the visitor wishes."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from glassbox.text.quatrains import ASKED, DYNASTIES, END, FORMS, FRONT, LINES, RULES, THEME, Asked, form_of, front
from glassbox.text.sampling import AS_LEARNED, Sampling, WrittenCharacter, written
from glassbox.text.tokens import LIMIT, PADDING, UNKNOWN, TextError, Vocabulary, checked
from glassbox.text.transformer import CachedTransformer, ReadTokens
from glassbox.zoo.transformer_models import TransformerCard

_MARKS = re.compile(r"[\s/,.!?;:、。，！？；：…—]+")
_NAMED = 8
"""Unknown characters that an error names."""


@dataclass(frozen=True)
class Request:
    """A poem that is asked for: `asked`, what stands in front; `beginnings`, what each of the first lines begins with,
    "" for a free one. A beginning may be a whole line; of one character a line they make an acrostic."""

    asked: Asked
    beginnings: tuple[str, ...] = ()


def acrostic(text: str) -> tuple[str, ...]:
    """Return the beginnings of lines that begin with one character of `text` each (藏头诗). Raises TextError for a text
    that can't be read, or is longer than a poem has lines."""
    return tuple(_characters(text, LINES))


class Poet:
    """One network that writes quatrains. Threads may share it: a `ReadTokens` holds all that changes."""

    def __init__(self, transformer: CachedTransformer, card: TransformerCard) -> None:
        """Raises ValueError for a card of another kind."""
        self.card, self.vocabulary = card, Vocabulary("character", card.vocabulary)
        asked = [self.vocabulary.id(word) for word in (*ASKED, END)]
        if (card.task, card.architecture, card.front) != ("quatrains", "transformer", FRONT) or UNKNOWN in asked:
            raise ValueError(f"{card.name} is no transformer that writes quatrains")
        self.never = (PADDING, UNKNOWN, *asked[:-1])
        self._transformer = transformer

    def checked(self, request: Request) -> Request:
        """Return `request` as it can be written: texts normalised, without white space and punctuation.

        Raises TextError for one that can't be read (see `glassbox.text.tokens.checked`), for a beginning that is longer
        than a line ("too_long"), characters that the network does not know ("unknown") or a theme of another length
        ("theme"). Raises ValueError for another form, dynasty or rule, or more beginnings than lines.
        """
        asked, beginnings = request.asked, request.beginnings
        if len(beginnings) > LINES:
            raise ValueError(f"a quatrain has {LINES} lines, not {len(beginnings)}")
        form = asked.form or form_of(_characters(beginnings[0], max(FORMS.values())) if beginnings else "")
        for word, words in ((form, FORMS), (asked.dynasty, DYNASTIES), (asked.rule, RULES)):
            if word not in words:
                raise ValueError(f"a quatrain is one of {', '.join(words)}, not {word!r}")
        theme = _characters(asked.theme, THEME)
        if theme and len(theme) < THEME:
            raise TextError("theme", count=len(theme), length=THEME)
        lines = tuple(_characters(beginning, FORMS[form]) for beginning in beginnings)
        self._known("".join((theme, *lines)))
        return Request(replace(asked, form=form, theme=theme), lines)

    def start(self, request: Request) -> ReadTokens:
        """Return the state before the first character. Raises as `checked` does."""
        words = front(self.checked(request).asked)
        return self._transformer.start([self.vocabulary.id(word) for word in words])

    def step(self, state: ReadTokens, character: str) -> ReadTokens:
        """Return the state after `character`; one that the vocabulary lacks is read as unknown."""
        return self._transformer.step(state, self.vocabulary.id(character))

    def write(
        self, request: Request, sampling: Sampling = AS_LEARNED, ways: Mapping[int, str] | None = None
    ) -> Iterator[WrittenCharacter]:
        """Return the characters of the poem, each as it is written, up to its fourth line end; where that does not
        come, up to the last that the context has room for.

        What a line is to begin with is given, and so is the end of a line that is given whole. `ways`: characters to
        take instead of those drawn, by their place in the poem, line ends counted. Raises as `checked` does, and
        TextError ("unknown") for a way that the network can't write.
        """
        ways = ways or {}
        self._known([way for way in ways.values() if way != END])
        return self._lines(self.checked(request), sampling, ways)

    def _lines(self, request: Request, sampling: Sampling, ways: Mapping[int, str]) -> Iterator[WrittenCharacter]:
        length = FORMS[request.asked.form]

        def given(text: str) -> str | None:
            if len(text) in ways:
                return ways[len(text)]
            line, place = text.count(END), len(text) - text.rfind(END) - 1
            beginning = request.beginnings[line] if line < len(request.beginnings) else ""
            return (beginning + END)[place] if place < len(beginning) or place == len(beginning) == length else None

        room, ends = self.card.context - self.card.front + 1, 0
        for one in islice(written(self, self.start(request), sampling, given=given), room):
            yield one
            ends += one.character == END
            if ends == LINES:
                return

    def _known(self, characters: Sequence[str]) -> None:
        """Raise TextError, naming them, if there are characters that the network can't write."""
        if lacking := [character for character in characters if self.vocabulary.id(character) in self.never]:
            raise TextError("unknown", characters="".join(dict.fromkeys(lacking))[:_NAMED])


def _characters(text: str, most: int) -> str:
    """Return the characters of `text`, normalised, without white space and punctuation; "" of an empty one."""
    if not text:
        return ""
    if len(text) > LIMIT:  # too many for any number of marks between so few
        raise TextError("too_long", count=len(text), limit=most)
    plain = _MARKS.sub("", checked(text))
    if not plain:
        raise TextError("blank")
    if len(plain) > most:
        raise TextError("too_long", count=len(plain), limit=most)
    return plain
