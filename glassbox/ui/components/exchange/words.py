"""Which words of locale/LANGUAGE/components.toml explain which part of a request or its answer."""

FIELDS = {
    "head.request": "line",
    "head.status": "status",
    "head.content-type": "content_type",
    "head.content-length": "content_length",
    "head.inference-header-content-length": "json_length",
    "head.server-timing": "timing",
    "id": "id",
    "inputs": "inputs",
    "inputs[].name": "input_name",
    "inputs[].shape": "input_shape",
    "inputs[].datatype": "datatype",
    "inputs[].data": "input_data",
    "inputs[].parameters": "parameters",
    "inputs[].parameters.binary_data_size": "binary_size",
    "inputs[].binary": "input_binary",
    "outputs": "outputs",
    "outputs[].name": "output_name",
    "outputs[].shape": "output_shape",
    "outputs[].datatype": "datatype",
    "outputs[].data": "output_data",
    "outputs[].parameters": "parameters",
    "outputs[].parameters.binary_data": "binary_wanted",
    "outputs[].parameters.binary_data_size": "binary_size",
    "outputs[].binary": "output_binary",
    "model_name": "model_name",
    "model_version": "model_version",
    "error": "error",
    "body": "body",
    "other": "other",
}
"""The words for a member of the JSON, by its path; for a line of the head; and for all others."""
CALLED = {
    "head.request": "line",
    "head.status": "status",
    "inputs[].binary": "tensor",
    "outputs[].binary": "tensor",
    "body": "body",
    "other": "other",
}
"""What has no name in the message itself."""
PHASES = ("connect", "there", "server", "back", "receive", "load", "parse", "queue", "run", "serialise")
WORDS = (
    "request", "answer", "bytes", "send", "picture", "place", "in_head", "pixel", "share", "one", "same", "apart",
    "says", "late", "lost", "refused", "status_401", "status_404", "status_413", "status_429", "status_503",
    "output", "took", "inside", "reused", "median", "waterfall",
)  # fmt: skip


def name(path: str) -> str:
    """Return what a part is called in the message: 'shape', 'Content-Type'."""
    last = path.rpartition(".")[2]
    return last.title() if path.startswith("head.") else last
