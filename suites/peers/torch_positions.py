"""Modules of torch for networks over positions: what a torch user would write for a transformer."""

import torch
from torch import nn
from torch.nn.functional import scaled_dot_product_attention

from optbench.contract.layer import Shape
from optbench.nn.attention import SelfAttention
from optbench.nn.embedding import Embedding


class Tokens(nn.Module):
    """Vectors of tokens (batch, times), and of their places."""

    def __init__(self, layer: Embedding, shape: Shape):
        super().__init__()
        self.tokens = nn.Embedding(layer.vocabulary, layer.units)
        self.places = nn.Embedding(shape[0], layer.units) if layer.places else None
        self.register_buffer("positions", torch.arange(shape[0]), persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        vectors = self.tokens(x)
        return vectors if self.places is None else vectors + self.places(self.positions)


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
