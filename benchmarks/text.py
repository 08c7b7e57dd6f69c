"""How fast text is read and written: `python -m benchmarks.text`.

Where TensorFlow and tf2onnx are installed (see export/requirements.txt), also the native operators against the `Loop`
that tf2onnx makes of the same layer with the same weights, for texts of any length as here.
"""

import argparse
import importlib.util
import itertools
from functools import partial
from pathlib import Path

import numpy as np
import onnx

from benchmarks.measure import by_turns, report, resident_megabytes
from glassbox.engine.session import Session
from glassbox.explain.attribution import text as text_attribution
from glassbox.graph.model import array
from glassbox.paths import MODELS
from glassbox.text import neighbours
from glassbox.text.reader import TextReader
from glassbox.text.recurrent import LENGTHS
from glassbox.text.sampling import Sampling
from glassbox.text.writer import Writer
from glassbox.zoo import text_models

CHARACTERS = (
    "周末想去看一场电影,听说这部片子的导演以前拍过很多纪录片,演员阵容也很强大,不知道好不好看,你有什么推荐的吗?"
    "另外电影院旁边有没有评分高一点的餐馆,人均消费一百元左右,最好离地铁站近一点儿,谢谢你啦!"
)
WORDS = (
    "it's a slow and tender film, never quite as funny as it wants to be, but the two leads are so warm and so good "
    "together that you forgive it almost everything"
)
TEXTS = {"text_zh": CHARACTERS, "text_en": WORDS, "text_en_intent": "please wake me up at seven tomorrow morning"}
SAMPLING = Sampling(temperature=0.8, top_k=20)
ANY = float("inf")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.text", description=__doc__)
    parser.add_argument("--models", type=Path, default=MODELS, help="folder of models (default: the shipped ones)")
    reader = TextReader(text_models.load(parser.parse_args().models))
    for family, text in TEXTS.items():
        if names := reader.zoo.family(family):
            reading(reader, names, text)
    if names := reader.zoo.family("text_zh"):
        explaining(reader, names)
        many(reader, names[0])
    writing(reader.zoo)
    report("resident memory after all of this", resident_megabytes(), "MB", 400)
    if importlib.util.find_spec("tf2onnx"):
        for name, card in reader.zoo.cards.items():
            if card.cell != "lstm" and not card.bidirectional:  # of an LSTM tf2onnx makes the native operator
                against_loop(reader, name)


def reading(reader: TextReader, names: tuple[str, ...], text: str) -> None:
    found = reader.read(text, names)
    count = len(next(iter(found.values())).tokens)
    (seconds,) = by_turns({"read": lambda: reader.read(text, names)}, rounds=200).values()
    limit = 5.0 if names[0].startswith("text_zh") else ANY
    report(f"{', '.join(names)}: {count} tokens, states, gates, each verdict", 1e3 * seconds, "ms", limit)
    for name, one in found.items():
        print(f"{'':4}{name}: {1e3 * one.seconds:.3g} ms of it inside ONNX Runtime, {one.states.shape[1]} units")


def explaining(reader: TextReader, names: tuple[str, ...]) -> None:
    for name in names:
        network, ids = reader.network(name), [token.id for token in reader.vocabulary(name).encode(CHARACTERS)]
        calls = {method: partial(call, network, ids, 0) for method, call in text_attribution.METHODS.items()}
        chance = np.random.default_rng(0).random(len(ids))
        calls["deletion and insertion"] = partial(text_attribution.scores, network, ids, 0, chance)
        for what, seconds in by_turns(calls, rounds=7).items():
            report(f"{name}: {what} of {len(ids)} characters", 1e3 * seconds, "ms", ANY)


def many(reader: TextReader, name: str) -> None:
    """A file of as many texts as may be looked among, of like length to those that were trained on."""
    cuts = itertools.cycle([8, 21, 13, 34, 17, 11])
    texts = [CHARACTERS[place % 60 :][:cut] for place, cut in zip(range(neighbours.MAX_TEXTS), cuts, strict=False)]
    corpus = neighbours.corpus(reader, name, texts)
    states = reader.read(CHARACTERS, [name])[name].states
    calls = {
        "verdicts on": lambda: list(reader.verdicts(name, texts)),
        "states of": lambda: neighbours.corpus(reader, name, texts),
        "the nearest of": lambda: corpus.nearest(neighbours.active_pattern(states, 5, 8, 0.2), 4, 0.2, 12),
    }
    for what, seconds in by_turns(calls, rounds=3).items():
        report(f"{name}: {what} {len(texts):,} texts", 1e3 * seconds, "ms", ANY)


def writing(found: text_models.TextZoo) -> None:
    for name, card in found.writers.items():
        writer = Writer(found.model_bytes(name), card)
        calls = {"write": lambda writer=writer: sum(1 for _ in writer.write("", 300, SAMPLING))}
        (seconds,) = by_turns(calls, rounds=5).values()
        print(f"{name}: {300 / seconds:,.0f} characters a second")
        report(f"{name}: a character with its alternatives", 1e3 * seconds / 300, "ms", 2.0)


def against_loop(reader: TextReader, name: str) -> None:
    """The recurrent node of `name` beside the Loop of the same layer, on the same 100 embedded tokens."""
    network = reader.network(name)
    (cell,) = [node for node in network.model.graph.node if node.op_type in ("RNN", "GRU")]
    whole = onnx.utils.Extractor(onnx.shape_inference.infer_shapes(network.model))
    part = whole.extract_model([network.embedded, LENGTHS], [network.states])
    native = Session(part.SerializeToString())
    w, r, b = (array(next(t for t in part.graph.initializer if t.name == input))[0] for input in cell.input[1:4])
    size, features = r.shape[1], w.shape[1]
    loop = Session(_through_tf2onnx(cell.op_type, size, features, [w.T, r.T, b.reshape(2, -1)]))
    x = np.random.default_rng(0).normal(size=(1, 100, features)).astype(np.float32)
    feeds = [{given: x, LENGTHS: np.array([100], np.int32)} for given in (network.embedded, "x")]
    states = native.run(feeds[0]).outputs[network.states][:, 0, 0]
    np.testing.assert_allclose(loop.run(feeds[1]).outputs[loop.outputs[0]][0], states, atol=1e-4)
    seconds = by_turns({"native": lambda: native.run(feeds[0]), "loop": lambda: loop.run(feeds[1])}, rounds=300)
    times = f"{1e6 * seconds['native']:.0f} us, {1e6 * seconds['loop']:.0f} us"
    report(f"{name}: native {cell.op_type} / Loop ({times})", seconds["native"] / seconds["loop"], "x", 0.2)


def _through_tf2onnx(operator: str, size: int, features: int, weights: list[np.ndarray]) -> bytes:
    import keras
    import tensorflow as tf
    import tf2onnx

    if operator == "RNN":
        layer, weights = keras.layers.SimpleRNN(size, return_sequences=True), [*weights[:2], weights[2].sum(0)]
    else:
        layer = keras.layers.GRU(size, return_sequences=True)
    layer.build((None, None, features))
    layer.set_weights(weights)

    @tf.function
    def states(x: tf.Tensor, lengths: tf.Tensor) -> tf.Tensor:
        return layer(x, mask=tf.sequence_mask(lengths, tf.shape(x)[1]), training=False)

    signature = [tf.TensorSpec([None, None, features], tf.float32, name="x")]
    signature.append(tf.TensorSpec([None], tf.int32, name=LENGTHS))
    made, _ = tf2onnx.convert.from_function(states, signature, opset=18)
    if "Loop" not in {node.op_type for node in made.graph.node}:
        raise ValueError(f"tf2onnx made no Loop of {operator}")
    return bytes(made.SerializeToString())


if __name__ == "__main__":
    main()
