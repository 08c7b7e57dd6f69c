"""How often the classifiers that are there are right, and how honest their confidence is: written into their cards.

What training measured of a model is measured anew, without training and without Keras: accuracy, confusion and
calibration. The classifiers of text are measured where --text is given.
"""

import json
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from export import data, measures
from export.run import Run
from export.sentences import CORPORA, Sentences
from glassbox.text import tokens
from glassbox.text.recurrent import TextNetwork
from glassbox.text.tokens import Vocabulary
from glassbox.zoo import digit_models, folder


def main(run: Run) -> None:
    """Measure every classifier of run.out."""
    mnist = data.load(run.data)
    for name in digit_models.names(run.out):
        session = onnxruntime.InferenceSession(_model(run, name), providers=["CPUExecutionProvider"])
        validation, test = (measures.outputs(session, split.digits) for split in (mnist.validation, mnist.test))
        _write(run, name, validation, mnist.validation.labels, test, mnist.test.labels)
    if run.text is None:
        return
    corpora = {task: load(run.text) for task, load in CORPORA.items()}
    for name in folder.names("text", folder=run.out):
        described = _card(run, name)
        corpus = run.some(corpora[described["task"]])
        words = Vocabulary(described["unit"], tuple(described["vocabulary"]))
        network = TextNetwork(_model(run, name).read_bytes())
        validation, test = (_outputs(network, words, part) for part in (corpus.validation, corpus.test))
        _write(run, name, validation, corpus.validation.labels, test, corpus.test.labels)


def _outputs(network: TextNetwork, words: Vocabulary, part: Sentences) -> NDArray[np.float32]:
    ids = [[token.id for token in words.tokens(tokens.normalise(text))] for text in part.texts]
    return network.outputs(ids, network.output)


def _write(
    run: Run,
    name: str,
    validation: NDArray[np.float32],
    known: measures.Labels,
    test: NDArray[np.float32],
    labels: measures.Labels,
) -> None:
    described = _card(run, name)
    found = measures.judged(validation, known, test, labels, described["output"]["kind"])
    calibration = found["calibration"]
    print(f"{name}: T = {calibration['temperature']:.4g}, {calibration['ece_before']:.4f} -> ", end="")
    print(f"{calibration['ece_after']:.4f}; held out: {calibration['held_out']}", flush=True)
    run.write_card(run.out / name / "card.json", described | found)


def _card(run: Run, name: str) -> dict:
    return json.loads((run.out / name / "card.json").read_text(encoding="utf-8"))


def _model(run: Run, name: str) -> Path:
    return run.out / name / "1" / "model.onnx"
