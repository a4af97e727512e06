"""Modules of torch for fields over a plane, equations, graphs and latent variables: what a torch user would write."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import nn
from torch.nn.functional import linear

from optbench.contract.layer import Shape
from optbench.nn.equation import Equation
from optbench.nn.feature_tokenizer import FeatureTokenizer
from optbench.nn.fourier import FourierFeatures
from optbench.nn.jets import JetActivation, JetDense


class Waves(nn.Module):
    """Random Fourier features (batch, 2 waves)."""

    def __init__(self, layer: FourierFeatures, shape: Shape):
        super().__init__()
        turns = torch.from_numpy(2 * np.pi * layer.frequencies(shape[0])).float()
        self.register_buffer("turns", turns, persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        angle = x @ self.turns
        return torch.cat([angle.cos(), angle.sin()], 1)


class Sines(nn.Module):
    def __init__(self, omega: float):
        super().__init__()
        self.omega = omega

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.sin(self.omega * x)


class Latent(nn.Module):
    """A draw of latent variables; `added` is what their divergence adds to the loss.

    noise    what is drawn, where it is to be ours: see `Work.noise`
    """

    def __init__(self, beta: float):
        super().__init__()
        self.beta = beta
        self.noise: Iterator[np.ndarray] | None = None
        self.added: torch.Tensor

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        mean, log = x.chunk(2, 1)
        noise = torch.randn_like(mean) if self.noise is None else torch.from_numpy(next(self.noise))
        self.added = self.beta / 2 * (mean.square() + log.exp() - 1 - log).sum() / len(x)
        return mean + (log / 2).exp() * noise


class Derived(nn.Module):
    """-u'' of u = (1 - x^2) N(x), by automatic differentiation, twice: what users write."""

    def __init__(self, layer: Equation, shape: Shape):
        super().__init__()
        assert layer.equation == "poisson"
        modules: list[nn.Module] = []
        inputs = shape[0]
        for part in layer.body:
            if isinstance(part, JetDense):
                modules.append(nn.Linear(inputs, part.units))
                inputs = part.units
            else:
                assert part == JetActivation("tanh")
                modules.append(nn.Tanh())
        self.body = nn.Sequential(*modules)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x.requires_grad_()
        u = (1 - x * x) * self.body(x)
        (first,) = torch.autograd.grad(u.sum(), x, create_graph=True)
        (second,) = torch.autograd.grad(first.sum(), x, create_graph=True)
        return -second


class Carried(Derived):
    """The same with both derivatives carried through the layers, as we do: (3, batch, units)."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        jets = torch.stack([x, torch.ones_like(x), torch.zeros_like(x)])
        for module in self.body:
            if isinstance(module, nn.Linear):
                value, first, second = linear(jets, module.weight)
                value = value + module.bias
            else:
                y = value.tanh()
                slope = 1 - y * y
                value, first, second = y, slope * first, slope * (second - 2 * y * first * first)
            jets = torch.stack([value, first, second])
        value, first, second = jets
        return 2 * value + 4 * x * first - (1 - x * x) * second


class Neighbours(nn.Module):
    """(A + I) x for the adjacency matrix of each example's graph."""

    def forward(self, x: torch.Tensor, adjacency: torch.Tensor) -> torch.Tensor:
        return torch.baddbmm(x, adjacency, x)


class OnGraphs(nn.Module):
    """Modules on examples (batch, nodes, features + nodes), whose last columns are the graph's adjacency matrix."""

    def __init__(self, modules: Sequence[nn.Module], features: int):
        super().__init__()
        self.layers, self.features = nn.ModuleList(modules), features

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x, adjacency = x[..., : self.features], x[..., self.features :]
        for layer in self.layers:
            x = layer(x, adjacency) if isinstance(layer, Neighbours) else layer(x)
        return x


class ColumnTokens(nn.Module):
    """The columns of a table as positions: categories are looked up, values scale a vector, all have a bias."""

    def __init__(self, layer: FeatureTokenizer, shape: Shape):
        super().__init__()
        self.table = nn.Embedding(sum(layer.categories), layer.units)
        # Embeddings of which every row is read: so they are children behind the table, in the order of ours.
        self.weight = nn.Embedding(shape[0] - len(layer.categories), layer.units)
        self.bias = nn.Embedding(shape[0], layer.units)

    def forward(self, table: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
        rows, values = table
        return torch.cat([self.table(rows), values[..., None] * self.weight.weight], 1) + self.bias.weight
