"""The parts of a decoder-only transformer, found in its graph: embeddings, heads, neurons, the last norm, the output.

Every part adds to one sum, the residual stream, which the last norm and the unembedding turn into logits (Elhage et
al., "A Mathematical Framework for Transformer Circuits", 2021, https://transformer-circuits.pub/2021/framework/).
Only what this sum rests on is looked for, by what the nodes compute and not by their names: how a head comes to its
weights, its values or a neuron to its activation is free.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from glassbox.graph.model import Model, constants, operator, read


@dataclass(frozen=True)
class Attention:
    """Heads that write into the stream: the sum over the heads of `weights` times `values` times `output`.

    `weights` (N, heads, T, T) after the softmax, by reading and then by read position; `values` (N, heads, T, size);
    `output` the constant (heads, size, width), W_O by head; `writes` (N, heads, T, width), what each head writes;
    `bias` (width,), which is added besides, or None; `stream` (N, T, width), the stream behind it.
    """

    weights: str
    values: str
    output: str
    writes: str
    bias: str | None
    stream: str


@dataclass(frozen=True)
class Feedforward:
    """Neurons that write into the stream: `neurons` (N, T, neurons), their activations, times the constant `output`
    (neurons, width); `bias` (width,), which is added besides, or None; `stream` (N, T, width), the stream behind it."""

    neurons: str
    output: str
    bias: str | None
    stream: str


@dataclass(frozen=True)
class Layer:
    """Attention and, unless the network is of attention only, the neurons behind it."""

    attention: Attention
    feedforward: Feedforward | None

    @property
    def stream(self) -> str:
        """The stream behind the layer, (N, T, width)."""
        return (self.feedforward or self.attention).stream


@dataclass(frozen=True)
class Transformer:
    """A transformer's tensors by name.

    `ids` (N, T) is the input. `token` (N, T, width) and `position` (T, width) are rows of the constants `embedding`
    (vocabulary, width) and `positions` (context, width), and add up to `embedded`. `normed` is the last stream divided
    by `size` (N, T, 1), the root of its mean square. Times the constant `unembedding`, (width, vocabulary), or
    (vocabulary, width) where it is `transposed`, plus `bias` (vocabulary,), or None, it gives `logits`
    (N, T, vocabulary).
    """

    ids: str
    embedding: str
    positions: str
    token: str
    position: str
    embedded: str
    layers: tuple[Layer, ...]
    size: str
    normed: str
    unembedding: str
    transposed: bool
    bias: str | None
    logits: str

    @property
    def streams(self) -> tuple[str, ...]:
        """The stream behind the embedding and behind each layer."""
        return self.embedded, *(layer.stream for layer in self.layers)


def transformer(model: Model) -> Transformer:
    """Return the parts of `model`, ids to logits, its first output.

    Pre-norm layers; a last RMS norm without gain (Zhang and Sennrich, 2019, https://arxiv.org/abs/1910.07467). Raises
    ValueError, naming the tensor, where the graph is of another form, or for what is no ONNX model.
    """
    return _Search(model).transformer()


class _Search:
    """A walk from the logits back to the ids."""

    def __init__(self, model: Model) -> None:
        self._graph = read(model).graph
        self._arrays = constants(self._graph)
        self._makers = {name: node for node in self._graph.node for name in node.output if name}

    def transformer(self) -> Transformer:
        logits = self._graph.output[0].name
        product, bias = self._biased(logits)
        normed, unembedding = self._need(product, "MatMul", "the product of the last norm and the unembedding")
        source, transposed = self._unembedding(unembedding)
        stream, size = self._need(normed, "Div", "the last norm")
        self._check_root_mean_square(size, stream)
        blocks: list[Attention | Feedforward] = []
        while (found := self._block(stream)) is not None and len(blocks) < len(self._graph.node):
            block, stream = found
            blocks.append(block)
        token, position = self._embeddings(stream)
        embedding, ids = self._rows(token)
        positions, _ = self._rows(position)
        return Transformer(
            ids=ids,
            embedding=embedding,
            positions=positions,
            token=token,
            position=position,
            embedded=stream,
            layers=_layers(blocks[::-1]),
            size=size,
            normed=normed,
            unembedding=source,
            transposed=transposed,
            bias=bias,
            logits=logits,
        )

    def _embeddings(self, stream: str) -> tuple[str, str]:
        """The two summands of the first stream: that of the tokens, which the input chooses, and that of positions."""
        self._need(stream, "Add", "the sum of token and position, or of a stream and a layer's write")
        inputs = {value.name for value in self._graph.input}
        for token, position in self._added(stream):
            if self._rows(token)[1] in inputs and self._rows(position)[0]:
                return token, position
        raise ValueError(f"{_REFUSED}: {stream!r} is not the sum of rows of two constants, by token and by position")

    def _rows(self, tensor: str) -> tuple[str, str]:
        """The constant of two axes whose rows `tensor` is, and what says which; "" for each where it is none's."""
        match self._made(tensor, "Gather"):
            case [constant, which] if self._is_constant(constant, 2):
                return constant, which
        return "", ""

    def _block(self, stream: str) -> tuple[Attention | Feedforward, str] | None:
        """What wrote last into `stream`, and the stream that it was added to; None where no layer did."""
        for before, written in self._added(stream):
            product, bias = self._biased(written)
            if block := self._attention(product, bias, stream) or self._feedforward(product, bias, stream):
                return block, before
        return None

    def _attention(self, written: str, bias: str | None, stream: str) -> Attention | None:
        match self._made(written, "ReduceSum"):
            case [writes, axes] if self._axes(axes) == [1]:
                mixed, output = self._made(writes, "MatMul") or ("", "")
                weights, values = self._made(mixed, "MatMul") or ("", "")
                if self._is_constant(output, 3) and self._made(weights, "Softmax"):
                    return Attention(weights, values, output, writes, bias, stream)
        return None

    def _feedforward(self, written: str, bias: str | None, stream: str) -> Feedforward | None:
        match self._made(written, "MatMul"):
            case [neurons, output] if self._is_constant(output, 2):
                return Feedforward(neurons, output, bias, stream)
        return None

    def _biased(self, tensor: str) -> tuple[str, str | None]:
        """What a bias of one axis was added to, and the bias; `tensor` itself and None where there is none."""
        for product, bias in self._added(tensor):
            if self._is_constant(bias, 1):
                return product, bias
        return tensor, None

    def _unembedding(self, name: str) -> tuple[str, bool]:
        turned = self._made(name, "Transpose")
        source = turned[0] if turned else name
        if not self._is_constant(source, 2):
            raise ValueError(f"{_REFUSED}: {source!r} is no constant of 2 axes")
        return source, turned is not None

    def _check_root_mean_square(self, size: str, stream: str) -> None:
        (square,) = self._need(size, "Sqrt", "the root of the stream's mean square")
        for mean, epsilon in self._added(square):
            squares, axes = self._made(mean, "ReduceMean") or ("", "")
            of_the_stream = self._made(squares, "Mul") == (stream, stream) and self._axes(axes) == [-1]
            if of_the_stream and epsilon in self._arrays and self._arrays[epsilon].size == 1:
                return
        raise ValueError(f"{_REFUSED}: {size!r} is not the root of the mean square of {stream!r}")

    def _axes(self, name: str) -> list[int]:
        return [int(axis) for axis in self._arrays[name].reshape(-1)] if name in self._arrays else []

    def _is_constant(self, name: str, rank: int) -> bool:
        return name in self._arrays and self._arrays[name].ndim == rank

    def _made(self, tensor: str, operation: str) -> tuple[str, ...] | None:
        """The inputs of the node that made `tensor`, where that is an `operation`."""
        node = self._makers.get(tensor)
        return tuple(node.input) if node is not None and operator(node) == operation else None

    def _added(self, tensor: str) -> Iterator[tuple[str, str]]:
        """The two tensors whose sum `tensor` is, in both orders; nothing where it is no sum."""
        match self._made(tensor, "Add"):
            case [a, b]:
                yield a, b
                yield b, a

    def _need(self, tensor: str, operation: str, meaning: str) -> tuple[str, ...]:
        found = self._made(tensor, operation)
        if found is None:
            made = f"comes from {operator(self._makers[tensor])}" if tensor in self._makers else "is made by no node"
            raise ValueError(f"{_REFUSED}: {tensor!r} should be {meaning} ({operation}), but {made}")
        return found


_REFUSED = "not a transformer of the form that can be taken apart"


def _layers(blocks: Sequence[Attention | Feedforward]) -> tuple[Layer, ...]:
    layers: list[Layer] = []
    for block in blocks:
        if isinstance(block, Attention):
            layers.append(Layer(block, None))
        elif layers and layers[-1].feedforward is None:
            layers[-1] = Layer(layers[-1].attention, block)
        else:
            raise ValueError(f"{_REFUSED}: {block.neurons!r} stands behind no attention")
    if not layers:
        raise ValueError(f"{_REFUSED}: it has no layer with attention")
    return tuple(layers)
