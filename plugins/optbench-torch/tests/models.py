"""Modules as people write them: nothing in them knows of optbench."""

import torch
from torch import nn
from torch.nn import functional


class Attention(nn.Module):
    def __init__(self, width, heads, dropout, causal):
        super().__init__()
        self.heads, self.dropout, self.causal = heads, dropout, causal
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x):
        batch, times, width = x.shape
        parts = self.qkv(x).view(batch, times, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        dropout = self.dropout if self.training else 0.0
        mixed = functional.scaled_dot_product_attention(*parts, is_causal=self.causal, dropout_p=dropout)
        return self.out(mixed.transpose(1, 2).reshape(batch, times, width))


class Block(nn.Module):
    def __init__(self, width, heads, dropout=0.0, causal=False):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = Attention(width, heads, dropout, causal)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
        self.drop = nn.Dropout(dropout)

    def forward(self, x):
        x = x + self.drop(self.attention(self.norm1(x)))
        return x + self.drop(self.mlp(self.norm2(x)))


class TinyGPT(nn.Module):
    """A causal transformer whose head is its embedding's table."""

    def __init__(self, vocabulary, length, width=64, heads=4, depth=2, dropout=0.0):
        super().__init__()
        self.tokens, self.places = nn.Embedding(vocabulary, width), nn.Embedding(length, width)
        self.blocks = nn.Sequential(*(Block(width, heads, dropout, causal=True) for _ in range(depth)))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, vocabulary, bias=False)
        self.head.weight = self.tokens.weight

    def forward(self, x):
        return self.head(self.norm(self.blocks(self.tokens(x) + self.places.weight[: x.shape[1]])))


class ViT(nn.Module):
    """A vision transformer with a class token and learned places."""

    def __init__(self, shape, outputs, patch=2, width=32, heads=2, depth=2):
        super().__init__()
        channels, height, breadth = shape
        self.patches = nn.Conv2d(channels, width, patch, patch)
        self.cls = nn.Parameter(torch.zeros(1, 1, width))
        self.pos = nn.Parameter(0.02 * torch.randn(1, 1 + (height // patch) * (breadth // patch), width))
        self.blocks = nn.Sequential(*(Block(width, heads) for _ in range(depth)))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, outputs)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls.expand(len(x), -1, -1), x], 1) + self.pos
        return self.head(self.norm(self.blocks(x))[:, 0])


class CharLSTM(nn.Module):
    """The next character."""

    def __init__(self, vocabulary, units=24, depth=1):
        super().__init__()
        self.table = nn.Embedding(vocabulary, units)
        self.lstm = nn.LSTM(units, units, depth, batch_first=True)
        self.head = nn.Linear(units, vocabulary)

    def forward(self, x):
        return self.head(self.lstm(self.table(x))[0])


class Normed(nn.Module):
    """Batch norm and dropout, which make a step more than a function of its weights."""

    def __init__(self, features, outputs, hidden=(12, 8), dropout=0.2):
        super().__init__()
        sizes = (features, *hidden)
        self.body = nn.Sequential(
            *(
                nn.Sequential(nn.Linear(a, b), nn.BatchNorm1d(b), nn.ReLU(), nn.Dropout(dropout))
                for a, b in zip(sizes, hidden, strict=False)
            )
        )
        self.head = nn.Linear(hidden[-1], outputs)

    def forward(self, x):
        return self.head(self.body(x))


class Nothing(nn.Module):
    """No parameter."""

    def forward(self, x):
        return x[:, :2]


class Sparse(nn.Module):
    """A table with sparse gradients."""

    def __init__(self, vocabulary):
        super().__init__()
        self.table = nn.Embedding(vocabulary, vocabulary, sparse=True)

    def forward(self, x):
        return self.table(x)


class Explodes(nn.Module):
    """A gradient that is infinite where it starts."""

    def __init__(self, features, outputs):
        super().__init__()
        self.product = nn.Linear(features, outputs)
        nn.init.zeros_(self.product.weight)
        nn.init.zeros_(self.product.bias)

    def forward(self, x):
        return self.product(x).abs().sqrt() + 1


class Pair(nn.Module):
    """Two outputs at once."""

    def __init__(self, features, outputs):
        super().__init__()
        self.product = nn.Linear(features, outputs)

    def forward(self, x):
        return self.product(x), x


class Short(nn.Module):
    """One output, whatever is asked for."""

    def __init__(self, features):
        super().__init__()
        self.product = nn.Linear(features, 1)

    def forward(self, x):
        return self.product(x)


def shallow(features, outputs, units=16):
    return nn.Sequential(nn.Linear(features, units), nn.Tanh(), nn.Linear(units, outputs))
