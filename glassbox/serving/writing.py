"""The networks that write, and what they write on: whole, or character by character as it comes.

https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/generate_rest.yaml
"""

import math
import secrets
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from glassbox import records
from glassbox.paths import MODELS
from glassbox.serving.models import VERSION
from glassbox.serving.protocol import ServiceError
from glassbox.text.plays import PlayWriter
from glassbox.text.poet import Poet, Request
from glassbox.text.quatrains import END, LINES, Asked
from glassbox.text.sampling import TEMPERATURES, Sampling, WrittenCharacter
from glassbox.text.transformer import CachedTransformer
from glassbox.text.writer import LONGEST, Writer
from glassbox.zoo import folder as zoo
from glassbox.zoo.text_models import WritingCard
from glassbox.zoo.transformer_models import TransformerCard

_KINDS = {"writing": WritingCard, "transformer": TransformerCard}
_WRITING = ("writing", "quatrains", "plays")
_LEAST = sys.float_info.min
Finish = Literal["length", "eos_token", "stop_sequence"]


class GenerateParameters(Struct, frozen=True):
    """How a text is written: those of the protocol, `top_k` and `seed` of the sampling, and what a quatrain is asked
    for by, its `form`, `dynasty`, `rule` and `theme`."""

    temperature: Annotated[float, Meta(ge=0, le=TEMPERATURES[1])] = 1.0
    top_p: Annotated[float, Meta(ge=0, le=1)] = 1.0
    top_k: Annotated[int, Meta(ge=1, le=100_000)] | UnsetType = UNSET
    max_tokens: Annotated[int, Meta(ge=1, le=LONGEST)] = 20
    stop: Annotated[list[Annotated[str, Meta(min_length=1, max_length=100)]], Meta(max_length=16)] = []
    details: bool = False
    seed: Annotated[int, Meta(ge=0, lt=2**53)] | UnsetType = UNSET
    form: Literal["", "wujue", "qijue"] = ""
    dynasty: Literal["tang", "song"] = "tang"
    rule: Literal["regulated", "free"] = "regulated"
    theme: Annotated[str, Meta(max_length=100)] = ""


class GenerateRequest(Struct):
    """What is to be gone on from: the beginning of a text, or of each of a quatrain's lines, a line each."""

    text_input: Annotated[str, Meta(max_length=10_000)]
    parameters: GenerateParameters = GenerateParameters()


class WrittenToken(Struct):
    """A token that was written: `logprob`, ln of the probability that it had; `special`: the end of the text."""

    id: int
    text: str
    logprob: float
    special: bool


class Details(Struct):
    """Why the writing ended, and the tokens."""

    finish_reason: Finish
    logprobs: list[WrittenToken]


class StreamDetails(Struct):
    """Why the writing ended, and its last token."""

    finish_reason: Finish
    token: WrittenToken


class GenerateResponse(Struct, omit_defaults=True):
    """What was written; of a quatrain also what was given."""

    text_output: str
    model_name: str
    model_version: str
    details: Details | UnsetType = UNSET


class GenerateStreamResponse(Struct, omit_defaults=True):
    """A piece of what is written, and its `token` if details are asked for; with the last piece come `details`."""

    text_output: str
    model_name: str
    model_version: str
    token: WrittenToken | UnsetType = UNSET
    details: StreamDetails | UnsetType = UNSET


@dataclass(frozen=True)
class _Task:
    """What a card tells of what its network does."""

    task: str = ""
    architecture: str = ""


class Writers:
    """The networks under `folder` that write, each loaded at its first use. Threads may share it."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._loaded: dict[str, Poet | PlayWriter | Writer] = {}  # at most one a name
        self._loading = threading.Lock()

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The networks that write, by what their cards say."""
        found = zoo.names(*_KINDS, folder=self._folder)
        return tuple(name for name in found if self._writes((self._folder or MODELS) / name / "card.json"))

    def write(self, name: str, request: GenerateRequest) -> Iterator[tuple[WrittenToken, Finish | None]]:
        """Return the tokens that the network `name` writes, each as it comes; with the last why it is the last.

        Raises ServiceError for a network that writes nothing, or a text that it can't read.
        """
        writer, asked = self._writer(name), request.parameters
        top_k = None if asked.top_k is UNSET else asked.top_k
        greedy = asked.temperature < TEMPERATURES[0] or asked.top_p == 0
        sampling = Sampling(
            temperature=max(asked.temperature, TEMPERATURES[0]),
            top_k=1 if greedy else top_k,
            top_p=asked.top_p or None,
            seed=secrets.randbelow(2**53) if asked.seed is UNSET else asked.seed,
        )
        try:
            if isinstance(writer, Poet):
                lines = request.text_input.strip().replace("/", END).splitlines()
                quatrain = Asked(form=asked.form, dynasty=asked.dynasty, rule=asked.rule, theme=asked.theme)
                characters = writer.write(Request(quatrain, tuple(lines)), sampling)
            else:
                characters = writer.write(request.text_input, asked.max_tokens, sampling)
        except ValueError as error:  # a TextError too
            raise ServiceError(422, str(error)) from None
        return _tokens(writer, characters, asked)

    def _writer(self, name: str) -> Poet | PlayWriter | Writer:
        with self._loading:
            if name not in self._loaded:
                self._loaded[name] = self._made(name)
            return self._loaded[name]

    def _writes(self, card: Path) -> bool:
        told = records.load_or_none(_Task, card)
        return told is not None and told.task in _WRITING and told.architecture != "gru"

    def _made(self, name: str) -> Poet | PlayWriter | Writer:
        if name not in self.names:
            raise ServiceError(400, f"this model writes no text; those that do are {', '.join(self.names)}")
        try:
            card, model = zoo.accepted(name, _KINDS, self._folder)
        except ValueError as error:
            raise ServiceError(503, f"the model is refused: {error}") from None
        if isinstance(card, WritingCard):
            return Writer(model, card)
        assert isinstance(card, TransformerCard)
        kind = Poet if card.task == "quatrains" else PlayWriter
        return kind(CachedTransformer(model, card.context), card)


def whole(name: str, tokens: Iterator[tuple[WrittenToken, Finish | None]], details: bool) -> GenerateResponse:
    """Return all that is written, at once."""
    written, finish = [], "length"
    for token, ended in tokens:
        written.append(token)
        finish = ended or finish
    text = "".join(token.text for token in written if not token.special)
    told = Details(finish, written) if details else UNSET  # type: ignore[arg-type]
    return GenerateResponse(text, name, VERSION, told)


def piece(name: str, token: WrittenToken, finish: Finish | None, details: bool) -> GenerateStreamResponse:
    """Return one token as it is written."""
    found = GenerateStreamResponse("" if token.special else token.text, name, VERSION)
    if details:
        found.token = token
    if finish:
        found.details = StreamDetails(finish, token)
    return found


def _tokens(
    writer: Poet | PlayWriter | Writer, characters: Iterator[WrittenCharacter], asked: GenerateParameters
) -> Iterator[tuple[WrittenToken, Finish | None]]:
    text, ends = "", 0
    last = {Poet: LINES, Writer: 1}.get(type(writer), asked.max_tokens + 1)  # line ends of a text, the last its own
    for count, one in enumerate(islice(characters, asked.max_tokens), 1):
        text, ends = text + one.character, ends + (one.character == END)
        ended = ends == last
        finish: Finish | None = None
        if ended:
            finish = "eos_token"
        elif any(text.endswith(stop) for stop in asked.stop):
            finish = "stop_sequence"
        elif count == asked.max_tokens:
            finish = "length"
        chance = math.log(max(one.probability, _LEAST))
        yield WrittenToken(writer.vocabulary.id(one.character), one.character, chance, ended), finish
        if finish:
            return
