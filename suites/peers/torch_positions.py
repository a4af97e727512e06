"""Modules of torch for networks over positions: what a torch user would write for a transformer, or a mixer."""

import torch
from torch import nn
from torch.nn.functional import scaled_dot_product_attention

from optbench.contract.layer import Shape
from optbench.nn.attention import SelfAttention
from optbench.nn.embedding import Embedding


class Tokens(nn.Module):
    """Vectors of tokens (batch, times), with those of their places added."""

    def __init__(self, layer: Embedding, shape: Shape):
        super().__init__()
        self.tokens = nn.Embedding(layer.vocabulary, layer.units)
        self.places = Placed(shape[0], layer.units) if layer.places else nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.places(self.tokens(x))


class Placed(nn.Module):
    """What is at each of `count` positions, with a vector of the place added."""

    def __init__(self, count: int, units: int):
        super().__init__()
        self.places = nn.Embedding(count, units)
        self.register_buffer("positions", torch.arange(count), persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.places(self.positions)


class Squares(nn.Module):
    """Images (batch, channels, height, width) as (batch, squares, channels x size x size)."""

    def __init__(self, size: int):
        super().__init__()
        self.size = size

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        squares = x.unfold(2, self.size, self.size).unfold(3, self.size, self.size)
        return squares.permute(0, 2, 3, 1, 4, 5).flatten(3).flatten(1, 2)


class Swapped(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.transpose(1, 2)


class Mean(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.mean(1)


class Attention(nn.Module):
    """One product for queries, keys and values, torch's fused attention, and a product."""

    def __init__(self, layer: SelfAttention, shape: Shape):
        super().__init__()
        units = shape[0]
        self.heads, self.causal = layer.heads, layer.causal
        self.qkv, self.out = nn.Linear(units, 3 * units), nn.Linear(units, units)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        q, k, v = (part.unflatten(2, (self.heads, -1)).transpose(1, 2) for part in self.qkv(x).chunk(3, dim=2))
        mixed = scaled_dot_product_attention(q, k, v, is_causal=self.causal)
        return self.out(mixed.transpose(1, 2).flatten(2))
