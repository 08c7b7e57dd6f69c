"""Write the file that tells Triton what a model takes and gives, beside each card."""

import onnx

from export import triton
from export.run import Run


def main(run: Run) -> None:
    for card in sorted(run.out.glob("*/card.json")):
        model = onnx.load(card.parent / "1" / "model.onnx")
        (card.parent / triton.FILE).write_text(triton.configuration(card.parent.name, model), encoding="utf-8")
