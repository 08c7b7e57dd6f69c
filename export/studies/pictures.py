"""How well the exported models read real pictures, from file to verdict: written into their cards.

Run last, with `--pictures DIR`: a folder of pictures whose manifest.csv has the columns `file` and `label`.
"""

import csv
import json
from pathlib import Path

import numpy as np
import onnxruntime

from export import measures
from export.data import Split
from export.run import Run
from glassbox.digits import decoding, images
from glassbox.zoo import digit_models


def load(folder: Path) -> Split:
    """The pictures of `folder`, prepared as the app does; one that can't be read counts as a blank digit."""
    digits, labels = [], []
    with open(folder / "manifest.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            try:
                digits.append(images.prepare((folder / row["file"]).read_bytes()).digit)
            except decoding.PictureError:
                digits.append(np.zeros((28, 28), np.uint8))
            labels.append(int(row["label"]))
    return Split(np.array(digits), np.array(labels, np.uint8))


def main(run: Run) -> None:
    """Measure every model of run.out on run.pictures."""
    if run.pictures is None:
        raise SystemExit("which pictures? give --pictures DIR, a folder with a manifest.csv")
    pictures = load(run.pictures)
    for name in digit_models.names(run.out):
        model, path = run.out / name / "1" / "model.onnx", run.out / name / "card.json"
        session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
        described = json.loads(path.read_text(encoding="utf-8"))
        described["pictures"] = measures.on_pictures(session, pictures)
        print(f"{name}: {described['pictures']['correct']} of {described['pictures']['count']}", flush=True)
        run.write_card(path, described)
