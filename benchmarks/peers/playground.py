"""The TensorFlow Playground's own code under Node: see benchmarks/playground."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

STEPS = Path(__file__).parent.parent / "playground" / "steps.js"
NODE = shutil.which("node")


@contextmanager
def training(examples: NDArray[np.float32], steps: int) -> Iterator[tuple[int, Callable[[], float]]]:
    """Run the Playground on examples (n, 3), x, y and target: its process id, and a call that makes `steps` steps of
    ten examples and gives the loss of the last. Raises FileNotFoundError where Node is not installed."""
    if NODE is None:
        raise FileNotFoundError("Node is not installed")
    command = [NODE, str(STEPS)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout
        process.stdin.write(json.dumps(examples.tolist()) + "\n")

        def call() -> float:
            process.stdin.write(f"{steps}\n")
            process.stdin.flush()
            return float(process.stdout.readline())

        try:
            yield process.pid, call
        finally:
            process.kill()
