"""The start of a process: the article's three models ready to run, beyond Python and NumPy, beside what peers take."""

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from statistics import median

from benchmarks.comparisons import Setting
from benchmarks.tables import Asked, Table, duration
from glassbox.paths import ROOT

MILLISECONDS, ROUNDS = 40, 10
BASE, READY = "Python and NumPy", "Glassbox, three models ready"
NAMES = ("mlp", "cnn", "rnn")
_READER = """
import numpy
from glassbox.digits.reader import Reader
from glassbox.zoo import digit_models
reader = Reader(digit_models.load({}))
for name in {}: reader.session(name)"""
PROGRAMS = {
    BASE: "import numpy",
    READY: _READER.format(f"names={NAMES}", NAMES),
    "Glassbox, all that read digits": _READER.format("", "reader.zoo.cards"),
    "ONNX Runtime, three bare sessions": f"""
import glassbox, numpy, onnxruntime
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
sessions = [onnxruntime.InferenceSession(f"models/{{name}}/1/model.onnx", options) for name in {NAMES}]""",
    "ONNX Runtime imported": "import glassbox, numpy, onnxruntime",
    "OpenVINO imported": "import numpy, openvino",
    "LiteRT imported": "import numpy, ai_edge_litert.interpreter",
    "PyTorch imported": "import numpy, torch",
}
NOTE = "Bare sessions are what ONNX Runtime takes; Glassbox also checks each model against its card and tries it once."
NEEDS = {"OpenVINO": "openvino", "LiteRT": "ai_edge_litert", "PyTorch": "torch"}
"""What has to be installed, by the first word of a program."""

# As for a visitor: what has been compiled once is kept, whatever holds for the process that measures.
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def tables(setting: Setting) -> Iterator[Table]:
    programs = {name: code for name, code in PROGRAMS.items() if find_spec(NEEDS.get(name.split()[0], "numpy"))}
    taken: dict[str, list[float]] = {name: [] for name in programs}
    for turn in range(1 + max(3, ROUNDS * setting.rounds // 200)):
        for name, code in programs.items():
            if turn and (len(taken[name]) < 3 or median(taken[name]) < 1.0):  # the first fills the disk's cache
                taken[name].append(processor_seconds(code))
            elif not turn:
                processor_seconds(code)
    base = median(taken[BASE])
    rows = [
        [name, duration(median(each)), duration(max(median(each) - base, 0.0)), f"{len(each)}"]
        for name, each in taken.items()
    ]
    beyond = 1e3 * (median(taken[READY]) - base)
    asked = [Asked("Three models ready, beyond Python and NumPy", beyond, MILLISECONDS, "ms")]
    yield Table("Start", ("", "process", f"beyond {BASE}", "starts"), rows, asked, NOTE)


def processor_seconds(code: str) -> float:
    """Return the processor time of a new process of this Python that runs `code`."""
    child = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=_ENVIRONMENT, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"a program ended with the status {child.returncode}: {code}")
    return used.ru_utime + used.ru_stime
