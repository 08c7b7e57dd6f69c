"""What each shipped network and a prediction cost: `python -m benchmarks.predict`.

The memory after some predictions, and the engine against a bare session.run. Beside peers: `python -m benchmarks`.
"""

import numpy as np
import onnxruntime as ort

from benchmarks.comparisons.picture import drawn_seven
from benchmarks.measure import by_turns, report, resident_megabytes
from glassbox.digits import images
from glassbox.digits.reader import Reader
from glassbox.engine.session import Session
from glassbox.zoo import digit_models


def main() -> None:
    reader = Reader(digit_models.load())
    small = drawn_seven((280, 280), "PNG")

    for _ in range(50):
        reader.read(images.prepare(small).digit)
    report("resident memory after 50 predictions, no server", resident_megabytes(), "MB", 260)

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


def bare_session(model: bytes, like: Session) -> tuple[ort.InferenceSession, dict[str, np.ndarray]]:
    """The same model with the same options and no Glassbox around it, and a picture to feed to both."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    ((name, shape),) = like.inputs.items()
    picture = np.random.default_rng(0).random([1 if isinstance(size, str) else size for size in shape], np.float32)
    return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"]), {name: picture}


if __name__ == "__main__":
    main()
