"""What can be asked of a model: one request a command. Both sides of the sandbox's pipe decode them, and so check them.

The models and the arrays travel beside the request: what it names by `array` is a key of these arrays.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

MOST_CELLS = 4_000_000
"""Numbers that one answer gives of all tensors together."""

Name = Annotated[str, msgspec.Meta(max_length=4096)]
Size = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
Seed = Annotated[int, msgspec.Meta(ge=0, lt=2**32)]
Cells = Annotated[int, msgspec.Meta(ge=1, le=MOST_CELLS)]
Place = tuple[Annotated[int, msgspec.Meta(ge=-(2**31), lt=2**31)], ...]


class Plain(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a request."""


class Given(Plain, frozen=True, kw_only=True, tag="given", tag_field="from"):
    """An array as it is, in the input's shape."""

    array: Name


class Random(Plain, frozen=True, kw_only=True, tag="random", tag_field="from"):
    """Random numbers: floats normal or, with both bounds, uniform; whole numbers from `low` to `high`."""

    low: float | None = None
    high: float | None = None


class Picture(Plain, frozen=True, kw_only=True, tag="picture", tag_field="from"):
    """A picture, uint8 (height, width), (height, width, 3) or (height, width, 4), made to fit the input.

    It is scaled to the input's height and width, turned to `colours`, divided by 255, inverted if `invert` says so,
    then (x - mean) / std by channel, and its axes put in the order of `layout`. What is None is guessed from the
    input's shape.
    """

    array: Name
    layout: Literal["NCHW", "NHWC", "NHW"] | None = None
    colours: Literal["grey", "rgb", "bgr"] | None = None
    invert: bool = False
    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)


class Text(Plain, frozen=True, kw_only=True, tag="text", tag_field="from"):
    """Text: as it is for an input of strings, through the vocabulary that the file carries for one of numbers."""

    lines: Annotated[tuple[Annotated[str, msgspec.Meta(max_length=20_000)], ...], msgspec.Meta(max_length=256)]


Source = Given | Random | Picture | Text


class View(Plain, frozen=True, kw_only=True):
    """Which numbers of a tensor to give: from `start` to `stop` on each axis (all where left out), and of these every
    n-th, n as small as `most` allows."""

    tensor: Name
    start: Place = ()
    stop: Place = ()
    most: Cells = 65_536


class Request(Plain, frozen=True, kw_only=True, tag_field="command"):
    """What is asked."""


class Fed(Request, frozen=True, kw_only=True):
    """A request that runs the model. `inputs`: where each input's numbers come from; those left out are the array of
    their name, else random from `seed`. `sizes`: those that the model leaves open, by name or as "INPUT.AXIS"."""

    inputs: dict[Name, Source] = msgspec.field(default_factory=dict)
    sizes: dict[Name, Size] = msgspec.field(default_factory=dict)
    seed: Seed = 0


class Read(Request, frozen=True, kw_only=True, tag="read"):
    """What the file holds. `weights`: those to describe in full, with histograms and pictures; `gradients`: what stands
    in their way; `sizes`: those that the model leaves open, by name, to count multiply-adds with, else 1."""

    weights: Annotated[tuple[Name, ...], msgspec.Meta(max_length=64)] = ()
    gradients: bool = False
    sizes: dict[Name, Size] = msgspec.field(default_factory=dict)


class Run(Fed, frozen=True, kw_only=True, tag="run"):
    """Run the model and give statistics of every tensor, the numbers of `views`, those of outputs that have no more
    than `ends`, so many of each input, and on request the time of each operator."""

    views: Annotated[tuple[View, ...], msgspec.Meta(max_length=64)] = ()
    ends: Annotated[int, msgspec.Meta(ge=0, le=MOST_CELLS)] = 0
    times: bool = False


class Terms(Fed, frozen=True, kw_only=True, tag="terms"):
    """The terms of one number, the `most` largest of them."""

    tensor: Name
    index: Place
    most: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 32


class Explain(Fed, frozen=True, kw_only=True, tag="explain"):
    """Which cells of `input` made the score `target` what it is: a map, with its faithfulness.

    `input`: the first of floating-point numbers by default. `score`: the tensor that holds the score, the model's first
    output, or what goes into its Softmax, by default; `target`: the cell of it, the largest by default.
    """

    method: Literal["auto", "saliency", "integrated_gradients", "grad_cam", "occlusion", "rise"] = "auto"
    input: Name = ""
    score: Name = ""
    target: Place | None = None


class Compare(Fed, frozen=True, kw_only=True, tag="compare"):
    """How two models differ: structure, weights, and each tensor on the same inputs.

    A tensor differs if its largest difference exceeds `tolerance` times the largest number of the first model's tensor.
    `optimised`: how far ONNX Runtime may rewrite each model; one file twice shows what its optimisation changes.
    """

    tolerance: Annotated[float, msgspec.Meta(ge=0, le=1e6)] = 1e-3
    optimised: tuple[Literal["all", "extended", "none"], Literal["all", "extended", "none"]] = ("all", "all")


class Make(Fed, frozen=True, kw_only=True, tag="make"):
    """Another model, made of this one.

    `tensors`: of taps, the inner tensors that become outputs; of the submodel, where it starts, and `to`, where it
    ends; of the derivative, by what to differentiate, and `to`, what; of training, the weights that it changes. Where
    they are empty: all tensors, the whole model, the score by the inputs, all weights. int8_static takes its ranges
    from a run on the given inputs.
    """

    kind: Literal["fp16", "int8_dynamic", "int8_static", "taps", "derivative", "training", "submodel"]
    tensors: Annotated[tuple[Name, ...], msgspec.Meta(max_length=10_000)] = ()
    to: Annotated[tuple[Name, ...], msgspec.Meta(max_length=10_000)] = ()
    loss: Literal["mean_squared_error", "categorical_crossentropy"] = "categorical_crossentropy"
    optimiser: Literal["sgd", "adam"] = "sgd"


AnyRequest = Read | Run | Terms | Explain | Compare | Make
REQUESTS: Mapping[str, type[Request]] = {
    "read": Read,
    "run": Run,
    "terms": Terms,
    "explain": Explain,
    "compare": Compare,
    "make": Make,
}
