"""The same training in torch, eager: the layers, the loss and the optimizer that a torch user would write."""

from itertools import cycle, pairwise
from math import prod

import numpy as np
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, linear, mse_loss

from optbench.contract.layer import Layer, Shape
from optbench.nn.activations import GeluTanh, Relu
from optbench.nn.attention import SelfAttention
from optbench.nn.batch_norm import BatchNorm
from optbench.nn.category_embedding import CategoryEmbedding
from optbench.nn.chain import Chain
from optbench.nn.convolution import Convolution
from optbench.nn.dense import Dense
from optbench.nn.embedding import Embedding
from optbench.nn.equation import Equation
from optbench.nn.factorization import Factorization
from optbench.nn.feature_tokenizer import FeatureTokenizer
from optbench.nn.flatten import Flatten
from optbench.nn.fourier import FourierFeatures
from optbench.nn.graph_convolution import GraphConvolution
from optbench.nn.gru import GRU
from optbench.nn.latent import GaussianLatent
from optbench.nn.layer_norm import LayerNorm
from optbench.nn.lstm import LSTM
from optbench.nn.neighbour_sum import NeighbourSum
from optbench.nn.pairwise_products import PairwiseProducts
from optbench.nn.pooling import MaxPooling
from optbench.nn.positions import MeanOverPositions, Patches, Places, SwapPositions
from optbench.nn.propagation import Propagation
from optbench.nn.recurrent import Recurrent
from optbench.nn.residual import Residual
from optbench.nn.sine import Sine
from optbench.nn.strided import GlobalAveragePooling, Projection, StridedConvolution
from optbench.nn.tanh_recurrence import TanhRecurrence
from peers.timing import Contender, clock
from peers.torch_fields import Carried, ColumnTokens, Derived, Latent, Neighbours, OnGraphs, Sines, Waves
from peers.torch_positions import Attention, Mean, Placed, Squares, Swapped, Tokens
from peers.work import Work

torch.set_num_threads(1)


def module(layer: Layer, shape: Shape, carried: bool = False) -> nn.Module:
    match layer:
        case Dense(units=units):
            return nn.Linear(prod(shape), units)
        case Convolution(channels=channels):
            return nn.Conv2d(shape[-1], channels, 3, padding=1)
        case StridedConvolution(channels=channels):
            return nn.Conv2d(shape[-1], channels, 3, padding=1, stride=2)
        case Projection(channels=channels, stride=stride):
            return nn.Conv2d(shape[-1], channels, 1, stride=stride)
        case GlobalAveragePooling():
            return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
        case Recurrent(units=units, every=every):
            kind = {TanhRecurrence: nn.RNN, GRU: nn.GRU, LSTM: nn.LSTM}[type(layer)]
            if every:
                return EachState(kind(*shape, units, batch_first=True))
            return LastState(kind(prod(shape[1:]), units))
        case CategoryEmbedding():
            return Vectors(layer, shape)
        case GraphConvolution():
            return Convolved(layer, shape)
        case PairwiseProducts():
            return Products(layer, shape)
        case Factorization():
            return Factors(layer)
        case Embedding():
            return Tokens(layer, shape)
        case FeatureTokenizer():
            return ColumnTokens(layer, shape)
        case FourierFeatures():
            return Waves(layer, shape)
        case Sine(omega=omega):
            return Sines(omega)
        case GaussianLatent(beta=beta):
            return Latent(beta)
        case Equation():
            return (Carried if carried else Derived)(layer, shape)
        case NeighbourSum(edges=None):
            return Neighbours()
        case SelfAttention():
            return Attention(layer, shape)
        case Patches(size=size):
            return Squares(size)
        case Places(count=count):
            return Placed(count, shape[0])
        case SwapPositions():
            return Swapped()
        case MeanOverPositions():
            return Mean()
        case LayerNorm(epsilon=epsilon):
            return nn.LayerNorm(shape[-1], epsilon)
        case GeluTanh():
            return nn.GELU("tanh")
        case Relu():
            return nn.ReLU()
        case MaxPooling():
            return nn.MaxPool2d(2)
        case Flatten():
            return nn.Flatten()
        case BatchNorm(momentum=momentum, epsilon=epsilon):
            kind = nn.BatchNorm2d if len(shape) == 3 else nn.BatchNorm1d
            return kind(shape[-1], epsilon, 1 - momentum)
        case Residual():
            return Sum([sequential(chain) for _, chain in layer.chains(shape)])
    raise NotImplementedError(f"no torch module for {layer}")


def sequential(chain: Chain) -> nn.Sequential:
    return nn.Sequential(*map(module, chain.layers, chain.shapes))


class Sum(nn.Module):
    """The sum of a residual block's two ways; the second is the input itself where there is one only."""

    def __init__(self, ways: list[nn.Sequential]):
        super().__init__()
        self.ways = nn.ModuleList(ways)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        first, *others = self.ways
        return (others[0](x) if others else x) + first(x)


class LastState(nn.Module):
    """The last hidden state of a recurrent module that reads images (batch, channels, height, width) row by row."""

    def __init__(self, recurrent: nn.RNNBase):
        super().__init__()
        self.recurrent = recurrent

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.recurrent(x.permute(2, 0, 1, 3).flatten(2))[0][-1]


class EachState(nn.Module):
    """The hidden states of a recurrent module after each position (batch, positions, features)."""

    def __init__(self, recurrent: nn.RNNBase):
        super().__init__()
        self.recurrent = recurrent

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.recurrent(x)[0]


class Columns:
    """Examples of a table: categories as the rows of a joint table that they mean, and values."""

    def __init__(self, x: np.ndarray, categories: tuple[int, ...]):
        first = np.concatenate([[0], np.cumsum(categories[:-1])]).astype(int)
        self.rows = torch.from_numpy(x[:, : len(categories)].astype(int) + first)
        self.values = torch.from_numpy(x[:, len(categories) :].copy())

    def __getitem__(self, index: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return self.rows[index], self.values[index]


class Vectors(nn.Module):
    """The vectors of the categories, from one table, and what becomes of the values."""

    def __init__(self, layer: CategoryEmbedding, shape: Shape):
        super().__init__()
        self.table = nn.Embedding(sum(layer.categories), layer.units)
        self.body = sequential(layer.chain(shape))
        self.values = shape[0] > len(layer.categories)

    def forward(self, table: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
        rows, values = table
        vectors = self.table(rows).flatten(1)
        return torch.cat([vectors, self.body(values)], 1) if self.values else vectors


class Convolved(nn.Linear):
    """The product of a graph's matrix, sparse where ours is, and what a linear layer without its bias gives."""

    def __init__(self, layer: GraphConvolution, shape: Shape):
        super().__init__(shape[-1], layer.units)
        self.matrix = spread(layer)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.matrix @ linear(x.flatten(0, -2), self.weight) + self.bias


def spread(layer: GraphConvolution) -> torch.Tensor:
    """The matrix of a graph convolution."""
    matrix = Propagation(layer.edges, True, np.dtype(np.float32))
    if matrix.sparse is None:
        return torch.from_numpy(matrix.dense.copy())
    return torch.from_numpy(matrix.sparse.toarray()).to_sparse_csr()


class Products(nn.Module):
    """All inner products of vectors as one batched product, as DLRM's authors do."""

    def __init__(self, layer: PairwiseProducts, shape: Shape):
        super().__init__()
        n = layer.vectors(shape)
        self.units, self.keep_last = layer.units, layer.keep_last
        self.i, self.j = torch.triu_indices(n, n, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        vectors = x.unflatten(1, (-1, self.units))
        products = torch.bmm(vectors, vectors.transpose(1, 2))[:, self.i, self.j]
        return torch.cat([products, vectors[:, -1]], 1) if self.keep_last else products


class Factors(nn.Module):
    """The product of two vectors and three biases, from joint tables."""

    def __init__(self, layer: Factorization):
        super().__init__()
        self.vectors, self.biases = (nn.Embedding(sum(layer.categories), width) for width in (layer.units, 1))
        self.bias = nn.ParameterList([torch.zeros(1)])  # behind the tables, as ours

    def forward(self, table: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
        rows, _ = table
        return self.vectors(rows).prod(1).sum(1, keepdim=True) + self.biases(rows).sum(1) + self.bias[0]


def outward(tensor: np.ndarray) -> np.ndarray:
    """Our tensor in torch's order: (in, out) as (out, in), (3, 3, in, out) as (out, in, 3, 3)."""
    axes = {1: (0,), 2: (1, 0), 4: (3, 2, 0, 1)}[tensor.ndim]
    return np.ascontiguousarray(tensor.transpose(axes))


def inward(tensor: np.ndarray) -> np.ndarray:
    """torch's tensor in our order."""
    return tensor.transpose({1: (0,), 2: (1, 0), 4: (2, 3, 1, 0)}[tensor.ndim])


def model_of(work: Work, start: np.ndarray, pooled_first: bool = True, carried: bool = False) -> nn.Module:
    """Our network as torch modules, with these parameters (size,).

    pooled_first  pool before the activation, as our networks do; else behind it, as torch's own tutorials do
    carried       an equation's derivatives are carried through the layers, as ours; else by automatic differentiation
    """
    network = work.network
    modules = [module(layer, shape, carried) for layer, shape in zip(network.layers, network.shapes, strict=False)]
    if isinstance(modules[0], Convolved):
        modules[0] = nn.Linear(modules[0].in_features, modules[0].out_features)
    if not pooled_first:
        for place, (one, next_one) in enumerate(pairwise(modules)):
            if isinstance(one, nn.MaxPool2d) and isinstance(next_one, nn.ReLU):
                modules[place : place + 2] = [next_one, one]
    model: nn.Module = nn.Sequential(*modules)
    if any(isinstance(one, Neighbours) for one in modules):
        nodes, columns = network.shapes[0]
        model = OnGraphs(modules, columns - nodes)
    if any(layer.recurrent for layer in network.layers):
        # torch trains two biases a gate where we have one: its own first values do for the time that a step takes.
        return model
    views = network.layout.views(start)
    names = {tensor.offset: tensor.name for tensor in network.layout}
    looked_up, offset = tables(model), 0
    with torch.no_grad():
        for parameter in model.parameters():
            stop = offset + parameter.numel()
            # A joint table is all of ours, one behind the other.
            ours = start[offset:stop] if id(parameter) in looked_up else outward(views[names[offset]])
            parameter.copy_(torch.from_numpy(ours).reshape(parameter.shape))
            offset = stop
    return model


def tables(model: nn.Module) -> set[int]:
    """Which parameters are tables, whose rows lie as ours do."""
    return {id(module.weight) for module in model.modules() if isinstance(module, nn.Embedding)}


def reconstruction(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    return binary_cross_entropy_with_logits(logits, targets, reduction="sum") / len(logits)


def each(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    return cross_entropy(logits.flatten(0, -2), labels.flatten(), ignore_index=-1)


LOSSES = {
    "classification": cross_entropy,
    "binary": binary_cross_entropy_with_logits,
    "regression": mse_loss,
    "reconstruction": reconstruction,
    "nodes": each,
    "sequence": each,
}


class Torch(Contender):
    """A step: index the batch, forward, cross entropy, backward, Adam.

    channels_last   images and weights of convolutions lie with their channels fastest
    our_noise       latent variables are drawn as ours are, to compare; else by torch
    pooled_first, carried   see `model_of`
    """

    def __init__(
        self,
        work: Work,
        fused: bool,
        channels_last: bool = False,
        pooled_first: bool = True,
        carried: bool = False,
        our_noise: bool = False,
    ):
        arrays = work.arrays()
        self.work = work
        # Flat where the first layer takes them flat, as ours are.
        self.x = torch.from_numpy(arrays.x.reshape(len(arrays.x), *work.network.shapes[0]))
        self.model = model_of(work, arrays.start[0], pooled_first, carried)
        if isinstance(work.network.layers[0], GraphConvolution):
            # The features do not change, nor does what neighbours give of them: as ours, made once.
            self.x = (spread(work.network.layers[0]) @ self.x[0])[None]
        if work.data.categories:
            self.x = Columns(arrays.x, work.data.categories)  # type: ignore[assignment]
        self.labels = torch.from_numpy(arrays.labels)
        if isinstance(self.x, torch.Tensor) and self.x.ndim == 4:
            self.x = self.x.permute(0, 3, 1, 2).contiguous()
        if channels_last:
            self.x = self.x.contiguous(memory_format=torch.channels_last)
            self.model = self.model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=work.lr, fused=fused or None)
        self.batches = cycle(torch.from_numpy(arrays.batches[0]).unbind())
        self.latent = [module for module in self.model.modules() if isinstance(module, Latent)]
        for latent in self.latent if our_noise else ():
            latent.noise = work.noise()
        layout = ", channels_last" if channels_last else ""
        self.note = f"torch {torch.__version__} eager, set_num_threads(1), Adam fused={fused}{layout}"

    def run(self, steps: int) -> float:
        x, labels, model, optimizer, batches = self.x, self.labels, self.model, self.optimizer, self.batches
        loss = LOSSES[self.work.data.task]
        if self.latent:
            (latent,) = self.latent
            likelihood = loss

            def loss(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
                return likelihood(outputs, targets) + latent.added

        start = clock()
        for _ in range(steps):
            index = next(batches)
            optimizer.zero_grad()
            loss(model(x[index]), labels[index]).backward()
            optimizer.step()
        return clock() - start

    def parameters(self) -> np.ndarray:
        looked_up = tables(self.model)
        arrays = [(p.detach().numpy(), id(p) in looked_up) for p in self.model.parameters()]
        return np.concatenate([(array if table else inward(array)).reshape(-1) for array, table in arrays])


class Faster(Contender):
    """The faster of some contenders, found by a few timed steps each."""

    def __init__(self, contenders: list[Torch], steps: int = 20):
        for contender in contenders:
            contender.run(3)
        seconds = [min(contender.run(steps) for _ in range(5)) for contender in contenders]
        self.chosen = contenders[int(np.argmin(seconds))]
        times = " / ".join(f"{s / steps * 1e6:.0f} us" for s in seconds)
        self.note = f"{self.chosen.note}; the faster one of {times} a step"

    def run(self, steps: int) -> float:
        return self.chosen.run(steps)

    def parameters(self) -> np.ndarray:
        return self.chosen.parameters()
