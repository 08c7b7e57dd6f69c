"""How fast a transformer writes, and a logit is taken apart: `python -m benchmarks.transformer`.

With the key-value cache, a run a token and the whole text in one run, beside the graph that reads all again, on one
thread, for a context of 128 and the sizes of the quatrains' network. Where PyTorch is installed (see
benchmarks/requirements.txt), also beside it, eager, with its own cache and the same weights.
"""

import importlib.util

import numpy as np

from benchmarks.measure import by_turns, report
from glassbox.engine.session import Session
from glassbox.explain.ledger import ledger
from glassbox.explain.transformer_reader import TransformerReader
from glassbox.graph.greedy_writer import greedy_writer
from glassbox.graph.transformer_writer import Weights, write_transformer
from glassbox.text.poet import Poet, Request
from glassbox.text.quatrains import Asked
from glassbox.text.sampling import Sampling
from glassbox.text.transformer import CachedTransformer
from glassbox.zoo import transformer_models

VOCABULARY, CONTEXT, LAYERS, HEADS, WIDTH, NEURONS = 4343, 128, 4, 4, 144, 576
FIRST = 5


def main() -> None:
    weights = random_weights()
    greedy(weights)
    logit(weights)
    zoo = transformer_models.load()
    for name, card in zoo.cards.items():
        if (card.task, card.architecture) == ("quatrains", "transformer"):
            poems(Poet(CachedTransformer(zoo.model_bytes(name), card.context), card))


def random_weights() -> Weights:
    """Weights with which each layer changes the stream, and no token's logit stands far above all others."""
    rng, size = np.random.default_rng(0), WIDTH // HEADS
    shapes: dict[str, tuple[int, ...]] = {"embedding": (VOCABULARY, WIDTH), "places": (CONTEXT, WIDTH)}
    for i in range(LAYERS):
        shapes |= {f"attention{i}/W_{part}": (HEADS, WIDTH, size) for part in ("query", "key", "value")}
        shapes |= {f"attention{i}/W_write": (HEADS, size, WIDTH)}
        shapes |= {f"feedforward{i}/W_read": (WIDTH, NEURONS), f"feedforward{i}/W_write": (NEURONS, WIDTH)}
    return {name: rng.normal(0, shape[-2] ** -0.5, shape).astype(np.float32) for name, shape in shapes.items()}


def greedy(weights: Weights) -> None:
    """The likeliest token CONTEXT times, each read again."""
    model = write_transformer(weights)
    session, cached = Session(model.SerializeToString()), CachedTransformer(model, CONTEXT)

    def without_cache() -> list[int]:
        ids = [FIRST]
        for _ in range(CONTEXT):
            ids.append(int(session.run({"ids": np.array([ids])}).outputs["logits"][0, -1].argmax()))
        return ids[1:]

    def with_cache() -> list[int]:
        state, written = cached.start([FIRST]), []
        for _ in range(CONTEXT):
            written.append(int(state.logits.argmax()))
            if len(written) < CONTEXT:
                state = cached.step(state, written[-1])
        return written

    writer = Session(greedy_writer(model).SerializeToString())
    begin = {"begin": np.array([[FIRST]]), "count": np.array(CONTEXT)}

    def in_one_run() -> list[int]:
        return [int(token) for token in writer.run(begin).outputs["written"].ravel()]

    calls = {"without the cache": without_cache, "with the cache": with_cache, "in one run": in_one_run}
    if importlib.util.find_spec("torch"):
        import torch

        from benchmarks.torch_transformer import TorchTransformer

        torch.set_num_threads(1)
        peer = TorchTransformer(weights)
        calls["PyTorch"] = lambda: peer.greedy(FIRST, CONTEXT)
    expected = without_cache()
    for name, call in calls.items():
        if call() != expected:
            raise ValueError(f"{name} writes something else")
    seconds = by_turns(calls, rounds=15)
    for name, taken in seconds.items():
        print(f"{name}: {CONTEXT} characters in {1e3 * taken:.1f} ms, {CONTEXT / taken:,.0f} a second")
    report("a character with the cache", 1e3 * seconds["with the cache"] / CONTEXT, "ms", 0.5)
    report("with the cache / without it", seconds["with the cache"] / seconds["without the cache"], "x", 1 / 3)
    if "PyTorch" in seconds:
        report("in one run / PyTorch", seconds["in one run"] / seconds["PyTorch"], "x", 1 / 3)


def logit(weights: Weights) -> None:
    """The terms of one logit, behind as many tokens as the quatrains' network reads."""
    reader, ids = TransformerReader(write_transformer(weights)), np.random.default_rng(1).integers(0, VOCABULARY, 36)
    reading = reader.read(ids)
    calls = {"ledger": lambda: ledger(reading, 35, 7), "reading and ledger": lambda: ledger(reader.read(ids), 35, 7)}
    for name, seconds in by_turns(calls, rounds=50).items():
        report(f"one logit of 36 tokens: {name}", 1e3 * seconds, "ms", 10)


def poems(poet: Poet) -> None:
    """What a visitor waits for: whole poems, each character drawn and shown with its alternatives."""
    request, sampling = Request(Asked("qijue")), Sampling(0.8, 40, seed=1)
    poem = "".join(one.character for one in poet.write(request, sampling))

    def read() -> None:
        state = poet.start(request)
        for character in poem[:-1]:
            state = poet.step(state, character)

    calls = {"reading": read, "writing": lambda: list(poet.write(request, sampling))}
    for name, seconds in by_turns(calls, rounds=30).items():
        print(f"{poet.card.name}: {name} {len(poem) / seconds:,.0f} characters a second")
        report(f"{poet.card.name}: {name} a poem of {len(poem)} characters", 1e3 * seconds, "ms", 20)


if __name__ == "__main__":
    main()
