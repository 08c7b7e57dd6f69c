"""PyTorch on one thread, eager and compiled (which needs a C++ compiler), with the weights of the ONNX models."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

Array = NDArray[np.float32]

torch.set_num_threads(1)
COMPILES = shutil.which("g++") is not None or shutil.which("clang++") is not None
"""Whether torch.compile can work here."""


def module(name: str, weights: Mapping[str, NDArray[Any]]) -> nn.Module:
    """Return the network `name` of the article, of its ONNX model's weights."""
    last = _linear(*(weights[f"{'logits' if name == 'mlp' else 'probabilities'}/{part}"] for part in _PARTS))
    if name == "mlp":
        return nn.Sequential(nn.Flatten(), _linear(*(weights[f"hidden/{part}"] for part in _PARTS)), nn.ReLU(), last)
    if name == "rnn":
        return _Rnn(weights, last)
    conv = nn.Conv2d(1, 32, 3)
    conv.weight.data, conv.bias.data = (torch.from_numpy(weights[f"conv/{part}"].copy()) for part in _PARTS)
    return nn.Sequential(conv, nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), last, nn.Softmax(-1))


def dense(weights: Sequence[tuple[Array, Array]], activation: type[nn.Module]) -> nn.Sequential:
    """Return dense layers, (kernel, bias) each, `activation` between them."""
    layers = [layer for kernel, bias in weights for layer in (_linear(kernel, bias), activation())]
    return nn.Sequential(*layers[:-1])


def run(network: nn.Module, x: Array, *, compiled: bool) -> Callable[[], Array]:
    """Return a module on `x`."""
    called, tensor = torch.compile(network) if compiled else network, torch.from_numpy(x)

    def forward() -> Array:
        with torch.inference_mode():
            return called(tensor).numpy()

    return forward


def gradient(network: nn.Module, x: Array, cotangent: Array, *, compiled: bool) -> Callable[[], Array]:
    """Return the gradient of the outputs, each times its `cotangent`, with respect to `x`."""
    called, tensor = torch.compile(network) if compiled else network, torch.from_numpy(x).requires_grad_()
    for weight in network.parameters():
        weight.requires_grad_(False)
    weights = torch.from_numpy(cotangent)
    return lambda: torch.autograd.grad(called(tensor), tensor, weights)[0].numpy()


def steps(network: nn.Module, x: Array, targets: Array, rate: float, *, compiled: bool) -> Callable[[], object]:
    """Return a step of gradient descent for each of the batches, (k, N, ...): mean squared error."""
    optimiser = torch.optim.SGD(network.parameters(), rate)
    called = torch.compile(network) if compiled else network
    batches = list(zip(torch.from_numpy(x), torch.from_numpy(targets), strict=True))

    def train() -> None:
        for given, wanted in batches:
            optimiser.zero_grad()
            nn.functional.mse_loss(called(given), wanted).backward()
            optimiser.step()

    return train


_PARTS = ("kernel", "bias")


class _Rnn(nn.Module):
    def __init__(self, weights: Mapping[str, NDArray[Any]], last: nn.Module) -> None:
        super().__init__()
        self.rnn, self.last = nn.RNN(28, 32, nonlinearity="relu", batch_first=True), last
        given = (weights["rnn/kernel"][0], weights["rnn/recurrent_kernel"][0], *weights["rnn/bias"].reshape(2, -1))
        for parameter, array in zip(self.rnn.parameters(), given, strict=True):
            parameter.data = torch.from_numpy(array.copy())

    def forward(self, x: Tensor) -> Tensor:
        return torch.softmax(self.last(self.rnn(x)[0][:, -1]), -1)


def _linear(kernel: Array, bias: Array) -> nn.Linear:
    """Return x -> x times `kernel` plus `bias`."""
    made = nn.Linear(*kernel.shape)
    made.weight.data, made.bias.data = torch.from_numpy(np.array(kernel.T, order="C")), torch.from_numpy(bias.copy())
    return made
