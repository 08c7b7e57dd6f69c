"""python -m export: train the models and write models/NAME/1/model.onnx and models/NAME/card.json.

python -m export --study NAME: measure models that are there, and write what was found into their cards or to
studies/NAME.json.
"""

import argparse
import importlib
import os
from collections.abc import Sequence
from pathlib import Path

MODELS = sorted(path.stem for path in (Path(__file__).parent / "models").glob("[a-z]*.py"))
LONG = {"poet_zh", "poet_zh_gru", "poet_en"}
"""Models that train for hours: only when they are named."""
CHECKPOINTS = Path(__file__).parent.parent / "build" / "training"
STUDIES = (
    "calibration",
    "mean_digit",
    "pictures",
    "privacy",
    "robustness",
    "quantisation",
    "explanations",
    "growth",
    "memorisation",
    "means",
    "prosody",
    "triton",
)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m export", description=__doc__)
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder with MNIST's IDX .gz files; else downloaded")
    parser.add_argument("--text", type=Path, metavar="DIR", help="folder with the sets of sentences; else downloaded")
    short = [model for model in MODELS if model not in LONG]
    parser.add_argument(
        "--only", choices=MODELS, nargs="+", default=short, help="models to train (default: all but the poets)"
    )
    parser.add_argument("--study", choices=STUDIES, nargs="+", help="instead of training: measure the models there")
    parser.add_argument("--epochs", type=int, help="instead of each model's own number of epochs")
    parser.add_argument("--quick", action="store_true", help="a few seconds a model, for tests: one epoch, few digits")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent.parent / "models")
    parser.add_argument(
        "--pictures", type=Path, metavar="DIR", help="real pictures with a manifest.csv, for --study pictures"
    )
    parser.add_argument("--epoch", type=Path, metavar="DIR", help="folder with Epoch AI's tables, for --study growth")
    parser.add_argument(
        "--unlike", type=Path, metavar="DIR", help="folder with Fashion-MNIST's IDX .gz files; else downloaded"
    )
    parser.add_argument(
        "--checkpoints", type=Path, metavar="DIR", default=CHECKPOINTS, help="where hours of training keep their state"
    )
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in --checkpoints, if any")
    parser.add_argument("--threads", type=int, help="of TensorFlow (default: one a core)")
    options = parser.parse_args(arguments)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    from export.run import Run

    run = Run(
        data=options.data,
        out=options.out,
        seed=options.seed,
        epochs=options.epochs,
        quick=options.quick,
        pictures=options.pictures,
        unlike=options.unlike,
        text=options.text,
        epoch=options.epoch,
        checkpoints=options.checkpoints,
        resume=options.resume,
        threads=options.threads,
    )
    scripts = [f"studies.{study}" for study in options.study] if options.study else None
    for name in scripts or [f"models.{model}" for model in options.only]:
        print(f"== {name}", flush=True)
        importlib.import_module(f"export.{name}").main(run)


if __name__ == "__main__":
    main()
