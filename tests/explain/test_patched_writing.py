"""Writing with parts switched off: what is written is what reading the text so far would draw."""

import numpy as np

from glassbox.explain.interventions import HeadAblation, Steering
from glassbox.explain.patched_writing import PatchedWriter
from glassbox.explain.transformer_reader import TransformerReader
from glassbox.graph.transformer_writer import write_transformer
from glassbox.text.sampling import Sampling
from glassbox.text.tokens import Vocabulary
from tests.transformers import Shape, weights

SHAPE = Shape(vocabulary=9, context=8, layers=2, heads=2, size=3, width=6, neurons=4)
WORDS = Vocabulary("character", ("<padding>", "<unknown>", *"abcdefg"))
NEVER = (0, 1, 4)


def reader() -> TransformerReader:
    return TransformerReader(write_transformer(weights(SHAPE)))


def test_each_character_is_drawn_from_what_the_patched_network_says_of_the_text_so_far() -> None:
    read, sampling = reader(), Sampling(0.8, seed=3)
    off = [HeadAblation(1, 0), Steering(1, np.arange(6.0), 0.3)]
    found = list(PatchedWriter(read, WORDS, off, NEVER).write([2, 5], sampling, length=4))
    ids = [2, 5]
    for one in found:
        shares = sampling.probabilities(read.read(ids, off).logits[-1], NEVER)
        drawn = sampling.draw(shares, len(ids))
        assert WORDS.entries[drawn] == one.character and drawn not in NEVER
        np.testing.assert_allclose(one.probability, shares[drawn], rtol=1e-5)
        ids.append(drawn)
    assert len(found) == 4


def test_nothing_is_read_beyond_the_context() -> None:
    writer = PatchedWriter(reader(), WORDS, (), NEVER)
    assert len(list(writer.write([2, 5], Sampling(), length=100))) == SHAPE.context - 2 + 1
    assert len(list(writer.write([2] * SHAPE.context, Sampling(), length=100))) == 1


def test_what_is_changed_changes_what_is_written() -> None:
    read, sampling = reader(), Sampling(seed=1)
    plain, steered = (
        "".join(one.character for one in PatchedWriter(read, WORDS, made, NEVER).write([2], sampling, length=7))
        for made in ((), [Steering(1, np.arange(6.0), 4.0)])
    )
    assert plain != steered
