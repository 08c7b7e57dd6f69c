"""What the Open Inference Protocol v2 sends and takes, as JSON: each record is checked by its own types.

https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md, and the binary
tensor extension, which says of a tensor's data only how many bytes of the body behind the JSON they are:
https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md
"""

from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

HEADER_LENGTH = "inference-header-content-length"
"""The header that tells how many bytes of a body are its JSON; behind them stand binary tensors."""
BINARY_SIZE, BINARY, ALL_BINARY = "binary_data_size", "binary_data", "binary_data_output"
"""Parameters of the binary extension: of a tensor that is sent, of an output that is asked for, of a whole request."""
EXTENSIONS = ("binary_tensor_data", "model_repository")
DATATYPES = ("BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "FP32", "FP64")
"""What a tensor may hold here. No model takes text, which the protocol calls BYTES."""

Parameters = dict[str, str | int | float | bool]
Size = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Shape = Annotated[list[Size], Meta(max_length=8)]
Name = Annotated[str, Meta(max_length=200)]


class ServiceError(Exception):
    """Why a request is not answered: an HTTP `status`, and a sentence that repeats nothing of what was sent."""

    def __init__(self, status: int, sentence: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.headers = dict(headers or {})

    def again(self) -> "ServiceError":
        """Return the same without the frames that it was raised through, in which there may be what was sent."""
        return ServiceError(self.status, str(self), self.headers)


class Problem(Struct):
    """The protocol's answer to a request that can't be fulfilled."""

    error: str


class ServerMetadata(Struct):
    """What the server is, and which extensions of the protocol it knows."""

    name: str
    version: str
    extensions: list[str]


class TensorMetadata(Struct):
    """An input or output: -1 stands for a size that is free."""

    name: str
    datatype: str
    shape: list[int]


class ModelMetadata(Struct):
    """What a model takes and gives."""

    name: str
    versions: list[str]
    platform: str
    inputs: list[TensorMetadata]
    outputs: list[TensorMetadata]


class Live(Struct):
    """Whether the server runs."""

    live: bool


class Ready(Struct):
    """Whether the server takes requests; False while it shuts down."""

    ready: bool


class ModelReady(Struct):
    """Whether a model can be asked."""

    name: str
    ready: bool


class IndexRequest(Struct):
    """Which models are asked for: all, or those that are `ready`."""

    ready: bool = False


class RepositoryEntry(Struct):
    """A model of the repository; `state`: READY, or UNAVAILABLE for the `reason`."""

    name: str
    version: str
    state: str
    reason: str


class ModelNames(Struct):
    """The names of all models."""

    models: list[str]


class RequestInput(Struct):
    """A tensor that is sent: its `data` as numbers, row by row, nested or not, or `binary_data_size` bytes."""

    name: Name
    shape: Shape
    datatype: Name
    parameters: Parameters = {}
    data: list[Any] | UnsetType = UNSET


class RequestOutput(Struct):
    """An output that is asked for; `parameters`: `binary_data`, whether as bytes."""

    name: Name
    parameters: Parameters = {}


class InferRequest(Struct):
    """The inputs of one run; without `outputs` all are sent. `id` is sent back."""

    inputs: Annotated[list[RequestInput], Meta(max_length=32)]
    id: Annotated[str, Meta(max_length=1000)] | UnsetType = UNSET
    parameters: Parameters = {}
    outputs: Annotated[list[RequestOutput], Meta(max_length=32)] = []


class ResponseOutput(Struct, omit_defaults=True):
    """An output: its `data` as numbers, row by row, or `binary_data_size` bytes behind the JSON."""

    name: str
    datatype: str
    shape: list[int]
    parameters: dict[str, int] = {}
    data: list[bool | int | float] | UnsetType = UNSET


class InferResponse(Struct, omit_defaults=True):
    """The outputs of one run."""

    model_name: str
    model_version: str
    outputs: list[ResponseOutput]
    id: str | UnsetType = UNSET
