"""How fast a picture is read: `python -m benchmarks.predict`.

The engine against a bare session.run, a file to three verdicts, memory, and, where TensorFlow is installed (see
export/requirements.txt), ONNX Runtime against keras.predict.
"""

import importlib.util
import io

import numpy as np
import onnxruntime as ort
from PIL import Image, ImageDraw, ImageOps

from benchmarks.measure import by_turns, report, resident_megabytes
from glassbox.digits import decoding, images
from glassbox.digits.reader import Reader
from glassbox.engine.session import Session
from glassbox.zoo import digit_models


def main() -> None:
    reader = Reader(digit_models.load())
    small, photo = drawn_seven((280, 280), "PNG"), drawn_seven((4000, 3000), "JPEG")

    for _ in range(50):
        reader.read(images.prepare(small).digit)
    report("resident memory after 50 predictions, no server", resident_megabytes(), "MB", 260)

    for name, data, rounds, limit in (("280x280 PNG", small, 100, 5), ("12-megapixel JPEG", photo, 15, 80)):
        steps = {
            "whole": lambda data=data: reader.read(images.prepare(data).digit),
            "decode": lambda data=data: decoding.decode(data),
        }
        seconds = by_turns(steps, rounds)
        report(f"{name} ({len(data) / 1e6:.1f} MB) to three verdicts", 1e3 * seconds["whole"], "ms", limit)
        print(f"{'':4}of which decoding {1e3 * seconds['decode']:.3g} ms")

    for name in reader.zoo.cards:
        session = reader.session(name)
        bare, feeds = bare_session(reader.zoo.model_bytes(name), session)
        calls = {"engine": lambda s=session, f=feeds: s.run(f), "bare": lambda b=bare, f=feeds: b.run(None, f)}
        seconds = by_turns(calls, rounds=5000)
        report(
            f"{name}: engine / bare session.run ({1e6 * seconds['bare']:.1f} us)",
            seconds["engine"] / seconds["bare"],
            "x",
            1.1,
        )

    if importlib.util.find_spec("tensorflow"):
        against_keras(reader.session("mlp"))


def bare_session(model: bytes, like: Session) -> tuple[ort.InferenceSession, dict[str, np.ndarray]]:
    """The same model with the same options and no Glassbox around it, and a picture to feed to both."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    ((name, shape),) = like.inputs.items()
    picture = np.random.default_rng(0).random([1 if isinstance(size, str) else size for size in shape], np.float32)
    return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"]), {name: picture}


def against_keras(session: Session) -> None:
    """The article's MLP in Keras, as its readers run it, beside the ONNX model made of it."""
    import keras

    layers = [keras.layers.Flatten(), keras.layers.Dense(128, activation="relu"), keras.layers.Dense(10)]
    model = keras.Sequential([keras.Input((28, 28)), *layers])
    picture = np.random.default_rng(0).random((1, 28, 28), np.float32)
    calls = {
        "keras.predict": lambda: model.predict(picture, verbose=0),
        "keras call": lambda: model(picture),
        "ONNX Runtime": lambda: session.run({"picture": picture}),
    }
    seconds = by_turns(calls, rounds=5, repeats=20)
    for name, value in seconds.items():
        ratio = value / seconds["ONNX Runtime"]
        print(f"{'mlp, one digit: ' + name:<58} {1e6 * value:9.1f} us  ({ratio:,.0f} x ONNX Runtime)")


def drawn_seven(size: tuple[int, int], kind: str, mirrored: bool = False) -> bytes:
    """A seven, or its mirror image, in dark ink on grainy, unevenly lit paper, as a `kind` file."""
    width, height = size
    paper = np.linspace(180, 250, width)[None, :] + np.random.default_rng(0).normal(0, 3, (height, width))
    image = Image.fromarray(paper.clip(0, 255).astype(np.uint8))
    points = [(0.38 * width, 0.3 * height), (0.6 * width, 0.3 * height), (0.47 * width, 0.72 * height)]
    ImageDraw.Draw(image).line(points, fill=40, width=height // 14, joint="curve")
    if mirrored:
        image = ImageOps.mirror(image)
    file = io.BytesIO()
    image.convert("RGB").save(file, kind, quality=90)
    return file.getvalue()


if __name__ == "__main__":
    main()
