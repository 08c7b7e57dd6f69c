"""Where the service and MLServer differ, for docs/mlserver.md: `python -m benchmarks.serving_differences PYTHON`.

PYTHON is an interpreter that has benchmarks/serving_peers/requirements.txt. Both serve the same ONNX models and get the
same requests, good and bad, as JSON, which MLServer's REST takes. A difference that no sentence here explains makes the
script end with status 1.
"""

import http.client
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.serving import glassbox, mlserver
from glassbox.paths import ROOT

PAGE = ROOT / "docs" / "mlserver.md"
MODELS = ("cnn", "mlp", "rnn")
PIXELS = np.random.default_rng(0).random((3, 784)).astype(np.float32)
ATOL = 1e-6
"""Within which two numbers count as the same: both run ONNX Runtime, in batches that may be of other sizes."""


@dataclass(frozen=True)
class Case:
    """A request: `what` it is, and, where the answers differ, `why`."""

    what: str
    path: str
    body: bytes | None = None
    headers: Mapping[str, str] | None = None
    method: str = ""
    why: str = ""


def picture(rows: int = 1, *, model: str = "cnn", **changed: Any) -> dict[str, Any]:
    shape = [rows, 1, 28, 28] if model == "cnn" else [rows, 28, 28]
    data = PIXELS[:rows].ravel().tolist()
    return {"name": "picture", "shape": shape, "datatype": "FP32", "data": data} | changed


def infer(what: str, *inputs: dict[str, Any], model: str = "cnn", why: str = "", **more: Any) -> Case:
    body = json.dumps({"inputs": inputs, **more}).encode()
    return Case(what, f"/v2/models/{model}/infer", body, why=why)


def raw(what: str, body: bytes, why: str = "", **headers: str) -> Case:
    return Case(
        what, "/v2/models/cnn/infer", body, {name.replace("_", "-"): one for name, one in headers.items()}, why=why
    )


FAULT = "the fault is the request's (400); MLServer leaves it to the runtime, whose error counts as the server's (500)"
IGNORED = "MLServer passes over what it does not know, and answers another question than was asked"
WHOLE = json.dumps({"inputs": [picture()]}).encode()
GOOD = (
    Case("the server is alive", "/v2/health/live"),
    Case("the server is ready", "/v2/health/ready"),
    Case("the server's metadata", "/v2"),
    Case("a model is ready", "/v2/models/cnn/ready"),
    Case("a model's metadata", "/v2/models/cnn"),
    Case("a version's metadata", "/v2/models/cnn/versions/1"),
    Case("the names of all models", "/v2/models", why="Triton has this address; MLServer has the index alone"),
    Case("the index of the repository", "/v2/repository/index", b"{}"),
    *(infer(f"one picture, {name}", picture(model=name), model=name) for name in MODELS),
    infer("three pictures", picture(3)),
    infer("numbers in nested lists", picture(data=PIXELS[:1].reshape(1, 1, 28, 28).tolist())),
    infer("an id", picture(), id="a-1"),
    infer("an output that is asked for", picture(), outputs=[{"name": "probabilities"}]),
    Case("a version is asked", "/v2/models/cnn/versions/1/infer", WHOLE),
    infer("whole numbers for an FP32", picture(data=[0] * 784)),
    infer("a parameter that nobody knows", picture(), parameters={"priority": 1}),
)
BAD = (
    Case("no such model", "/v2/models/none/infer", WHOLE),
    Case("no such version", "/v2/models/cnn/versions/9/infer", WHOLE),
    Case("another method", "/v2/models/cnn/infer", method="GET"),
    raw("no JSON", b"{"),
    raw("an empty body", b""),
    raw("JSON that is no request", b"[]"),
    infer("no input", why=FAULT),
    infer("an input of another name", picture(name="image"), why=FAULT),
    infer(
        "an input twice", picture(), picture(), why="which of the two is meant is not known; MLServer takes the last"
    ),
    infer("another shape", picture(shape=[1, 28, 28]), why=FAULT),
    infer("fewer numbers than the shape says", picture(data=[0.0] * 783), why=FAULT),
    infer(
        "a negative size",
        picture(shape=[-1, 1, 28, 28]),
        why="MLServer's codec takes -1 as NumPy does, for the size that is left, and sends it back as a shape",
    ),
    infer("another datatype", picture(datatype="FP64"), why=FAULT),
    infer("a datatype that there is not", picture(datatype="FP31")),
    infer("words instead of numbers", picture(data=["a"] * 784), why=FAULT),
    infer(
        "a number too large for an FP32",
        picture(data=[1e39] * 784),
        why="it becomes infinite, as MLServer lets it; here no answer is given on what was not sent",
    ),
    raw("NaN, which JSON has not", WHOLE.replace(b"[0.", b"[NaN, 0.", 1).replace(b"[1, 1, 28, 28]", b"[1, 785]")),
    infer("an output that there is not", picture(), outputs=[{"name": "none"}], why=IGNORED),
    infer(
        "shared memory",
        picture(parameters={"shared_memory_region": "one", "shared_memory_byte_size": 3136}),
        why=IGNORED,
    ),
    raw(
        "a header length beyond the body",
        WHOLE,
        inference_header_content_length="99999",
        why="MLServer's REST knows no binary extension, and passes over its header",
    ),
    raw(
        "a compression that nobody knows",
        WHOLE,
        content_encoding="br",
        why="MLServer passes over the header and reads the body, which was not compressed",
    ),
)


def ask(port: int, case: Case) -> tuple[int, Any]:
    """Return the status and the JSON of the answer, None where it is none."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"content-type": "application/json", **(case.headers or {})}
    method = case.method or ("GET" if case.body is None else "POST")
    connection.request(method, case.path, case.body, headers)
    answer = connection.getresponse()
    body = answer.read()
    try:
        return answer.status, json.loads(body)
    except ValueError:
        return answer.status, None


def agrees(ours: tuple[int, Any], theirs: tuple[int, Any]) -> bool:
    """Whether both refuse as the same kind of fault, or both answer, with the same outputs."""
    if ours[0] // 100 != theirs[0] // 100:
        return False
    if ours[0] != 200 or not (isinstance(ours[1], dict) and "outputs" in ours[1] and "model_name" in ours[1]):
        return True
    mine, other = ({one["name"]: one for one in found[1]["outputs"]} for found in (ours, theirs))
    return (
        ours[1].get("id", "") in ("", theirs[1].get("id"))
        and mine.keys() == other.keys()
        and all(
            mine[name]["shape"] == other[name]["shape"]
            and mine[name]["datatype"] == other[name]["datatype"]
            and np.allclose(np.ravel(mine[name]["data"]), np.ravel(other[name]["data"]), rtol=0, atol=ATOL)
            for name in mine
        )
    )


def rows(ports: Sequence[int], cases: Sequence[Case]) -> Iterator[tuple[str, bool]]:
    """Yield a row of the table for each case, and whether it needs no more explanation."""
    for case in cases:
        ours, theirs = (ask(port, case) for port in ports)
        same = agrees(ours, theirs)
        said = "same" if same else case.why or "**not explained**"
        if not same and not case.why:
            print(case.what, ours[0], str(ours[1])[:200], theirs[0], str(theirs[1])[:200])
        yield f"| {case.what} | {ours[0]} | {theirs[0]} | {said} |", same or bool(case.why)


def main() -> int:
    with glassbox("--batch", "64") as (ours, _), mlserver(sys.argv[1], MODELS) as (theirs, _):
        good, bad = (list(rows((ours, theirs), cases)) for cases in (GOOD, BAD))
    head = "| Request | Glassbox | MLServer | |\n|---|---|---|---|"
    table = [[head, *(row for row, _ in part)] for part in (good, bad)]
    before, _, _ = PAGE.read_text(encoding="utf-8").partition("## What is answered")
    PAGE.write_text(
        before
        + "## What is answered\n\n"
        + "\n".join(table[0])
        + "\n\n## What is refused\n\n"
        + "\n".join(table[1])
        + "\n",
        encoding="utf-8",
    )
    unexplained = sum(not explained for part in (good, bad) for _, explained in part)
    print(f"{len(good) + len(bad)} requests, {unexplained} differences that are not explained: see {PAGE}")
    return 1 if unexplained else 0


if __name__ == "__main__":
    raise SystemExit(main())
