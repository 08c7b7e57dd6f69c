"""One Glassbox runs the models of another: each shipped model gives by the service what it gives in this process."""

from collections.abc import Iterator

import numpy as np
import pytest

from glassbox.engine.choice import REMOTE, Engine
from glassbox.engine.remote import RemoteSession
from glassbox.engine.remote_server import Server, Settings
from glassbox.paths import MODELS
from glassbox.text.reader import TextReader, TextVerdict
from glassbox.zoo import text_models
from tests.serving.client import app
from tests.serving.reference_server import listening

NAMES = sorted(path.parent.name for path in MODELS.glob("*/card.json"))
TEXTS = {
    "text_zh_gru": ["今天的足球比赛很精彩", "股市今天大涨", "好" * 400, ""],
    "text_en_gru": ["A good film.", "bad " * 90, ""],
}


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with listening(app()) as address:
        yield Engine(Server(Settings(address, seconds=60)))


@pytest.mark.parametrize("name", NAMES)
def test_a_model_gives_the_same(engine: Engine, name: str) -> None:
    session = engine.session(name, (MODELS / name / "1" / "model.onnx").read_bytes())
    assert isinstance(session, RemoteSession)
    rng = np.random.default_rng(3)
    feeds = {}
    for tensor, shape in session.inputs.items():
        size = [2 if isinstance(one, str) else one for one in shape]
        whole = session.embedded.types[tensor] != "float32"
        feeds[tensor] = (rng.integers(1, 3, size) if whole else rng.random(size)).astype(session.embedded.types[tensor])
    run, here = session.run(feeds), session.embedded.run(feeds)
    assert run.provider == REMOTE and list(run.outputs) == list(session.outputs)
    for output, value in here.outputs.items():
        np.testing.assert_allclose(run.outputs[output], value, rtol=1e-5, atol=1e-6)


def test_texts_are_read_alike(engine: Engine) -> None:
    zoo = text_models.load()
    for name, texts in TEXTS.items():
        here, there = (list(TextReader(zoo, engine=one).verdicts(name, texts)) for one in (Engine(), engine))
        for one, other in zip(here[:-1], there[:-1], strict=True):
            assert isinstance(one, TextVerdict) and isinstance(other, TextVerdict)
            assert (one.label, one.familiarity) == (other.label, other.familiarity)
            np.testing.assert_allclose(other.probabilities, one.probabilities, atol=1e-6)
        assert here[-1] == there[-1], "an empty text is refused by either"
