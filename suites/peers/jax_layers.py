"""Our layers as functions of JAX, each as its users would write it; what they need from outside comes with them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from optbench.contract.edges import Edges
from optbench.contract.layer import Shape
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
from optbench.nn.jets import JetDense
from optbench.nn.latent import GaussianLatent
from optbench.nn.layer_norm import LayerNorm
from optbench.nn.lstm import LSTM
from optbench.nn.neighbour_sum import NeighbourSum
from optbench.nn.pairwise_products import PairwiseProducts
from optbench.nn.pooling import MaxPooling
from optbench.nn.positions import MeanOverPositions, Patches, Places, SwapPositions
from optbench.nn.recurrent import Recurrent
from optbench.nn.residual import Residual
from optbench.nn.sine import Sine
from optbench.nn.strided import GlobalAveragePooling, Projection, StridedConvolution

Params = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Outside:
    """What layers need besides their inputs.

    given    the network's inputs (batch, *shape), of a graph convolution with what neighbours give
    number   of the step
    noise    what latent variables are drawn from, (steps, batch, units); None: from JAX's own generator
    added    what they add to the loss
    """

    given: Any = None
    number: Any = 0
    noise: np.ndarray | None = None
    added: list[Any] = field(default_factory=list)

    def draw(self, shape: Shape) -> jax.Array:
        if self.noise is None:
            return jax.random.normal(jax.random.fold_in(jax.random.key(1), self.number), shape)
        return jnp.asarray(self.noise)[self.number % len(self.noise)]


def through(chain: Chain, params: Iterator[tuple[Any, ...]], x: jax.Array, outside: Outside) -> jax.Array:
    for layer, shape in zip(chain.layers, chain.shapes, strict=False):
        match layer:
            case Dense():
                w, b = next(params)
                x = x @ w + b
            case Convolution():
                x = convolution(x, *next(params), stride=1)
            case StridedConvolution():
                x = convolution(x, *next(params), stride=2)
            case Projection(stride=stride):
                w, b = next(params)
                x = x[:, ::stride, ::stride] @ w + b
            case MaxPooling():
                height, width, channels = shape
                x = x[:, : height // 2 * 2, : width // 2 * 2]
                x = x.reshape(len(x), height // 2, 2, width // 2, 2, channels).max((2, 4))
            case GlobalAveragePooling():
                x = x.mean((1, 2))
            case Flatten():
                x = jnp.moveaxis(x, -1, 1).reshape(len(x), -1)
            case GraphConvolution(edges=edges):
                w, b = next(params)
                first = x is outside.given  # which is spread already
                x = x.reshape(-1, len(w)) @ w
                x = (x if first else spread(edges) @ x) + b
            case NeighbourSum(edges=None):
                features = outside.given.shape[-1] - outside.given.shape[1]
                x = x[..., :features] if x is outside.given else x
                x = x + outside.given[..., features:] @ x
            case Relu():
                x = jax.nn.relu(x)
            case GeluTanh():
                x = jax.nn.gelu(x)
            case Sine(omega=omega):
                x = jnp.sin(omega * x)
            case FourierFeatures():
                angle = x @ (2 * np.pi * layer.frequencies(shape[0])).astype(np.float32)
                x = jnp.concatenate([jnp.cos(angle), jnp.sin(angle)], axis=1)
            case GaussianLatent(beta=beta):
                mean, log = jnp.split(x, 2, axis=1)
                outside.added.append(beta / 2 * (mean**2 + jnp.exp(log) - 1 - log).sum() / len(x))
                x = mean + jnp.exp(log / 2) * outside.draw(mean.shape)
            case Equation():
                x = poisson(layer, params, x)
            case Embedding():
                table, *places = next(params)
                x = table[x] + (places[0] if places else 0)
            case Recurrent():
                x = recurrent(layer, next(params), x)
            case LayerNorm(epsilon=epsilon):
                scale, shift = next(params)
                x = x - x.mean(-1, keepdims=True)
                x = x * jax.lax.rsqrt((x * x).mean(-1, keepdims=True) + epsilon) * scale + shift
            case SelfAttention(heads=heads, causal=causal):
                x = attention(x, next(params), heads, causal)
            case Patches(size=size):
                height, width, channels = shape
                x = x.reshape(-1, height // size, size, width // size, size, channels).transpose(0, 1, 3, 5, 2, 4)
                x = x.reshape(len(x), -1, channels * size**2)
            case Places():
                (places,) = next(params)
                x = x + places
            case SwapPositions():
                x = x.swapaxes(1, 2)
            case MeanOverPositions():
                x = x.mean(1)
            case BatchNorm(epsilon=epsilon):
                scale, shift = next(params)
                axes = tuple(range(x.ndim - 1))
                x = x - x.mean(axes)
                x = x * jax.lax.rsqrt((x * x).mean(axes) + epsilon) * scale + shift
            case CategoryEmbedding(categories=categories):
                (table,) = next(params)
                vectors = table[rows(x, categories)].reshape(len(x), -1)
                body = layer.chain(shape)
                values = through(body, params, x[:, len(categories) :], outside)
                x = jnp.concatenate([vectors, values], axis=1)
            case FeatureTokenizer(categories=categories):
                table, weight, bias = next(params)
                values = x[:, len(categories) :, None] * weight
                x = jnp.concatenate([table[rows(x, categories)], values], axis=1) + bias
            case Factorization():
                p, q, b, c, shift = next(params)
                i, j = x.astype(jnp.int32).T
                x = (p[i] * q[j]).sum(1, keepdims=True) + b[i] + c[j] + shift
            case PairwiseProducts(units=units, keep_last=keep_last):
                vectors = x.reshape(len(x), -1, units)
                i, j = np.triu_indices(vectors.shape[1], 1)
                products = jnp.einsum("biu,bju->bij", vectors, vectors)[:, i, j]
                x = jnp.concatenate([products, vectors[:, -1]], axis=1) if keep_last else products
            case Residual():
                ways = [through(way, params, x, outside) for _, way in layer.chains(shape)]
                x = ways[0] + (ways[1] if len(ways) > 1 else x)
            case _:
                raise NotImplementedError(f"nothing in JAX for {layer}")
    return x


def rows(x: jax.Array, categories: tuple[int, ...]) -> jax.Array:
    """Where the categories of a table's first columns lie in their joint table."""
    first = np.concatenate([[0], np.cumsum(categories[:-1])]).astype(np.int32)
    return x[:, : len(categories)].astype(jnp.int32) + first


def spread(edges: Edges) -> np.ndarray:
    """The matrix of a graph convolution; dense, which is faster here than JAX's sparse ones."""
    a = np.eye(edges.nodes, dtype=np.float32)
    first, second = edges.pairs.T
    a[first, second] = a[second, first] = 1
    return a / np.sqrt(np.outer(a.sum(0), a.sum(0)))


def convolution(x: jax.Array, weight: jax.Array, bias: jax.Array, stride: int) -> jax.Array:
    """3x3, with a border of zeros, on images (batch, height, width, channels)."""
    kinds = ("NHWC", "HWIO", "NHWC")
    return jax.lax.conv_general_dilated(x, weight, (stride, stride), [(1, 1), (1, 1)], dimension_numbers=kinds) + bias


def recurrent(layer: Recurrent, params: tuple[Any, ...], x: jax.Array) -> jax.Array:
    """A scan over times (batch, times, features), or over an image's rows; all products with the inputs come first."""
    if x.ndim == 4:
        x = x.swapaxes(2, 3).reshape(*x.shape[:2], -1)
    w, bias, u, *inner = params
    start = jnp.zeros((len(x), layer.units))

    def tanh(h: jax.Array, given: jax.Array) -> Any:
        h = jnp.tanh(given + h @ u)
        return h, h

    def lstm(state: Any, given: jax.Array) -> Any:
        h, cell = state
        *gates, new = jnp.split(given + h @ u, 4, axis=1)
        o, i, f = map(jax.nn.sigmoid, gates)
        cell = f * cell + i * jnp.tanh(new)
        h = o * jnp.tanh(cell)
        return (h, cell), h

    def gru(h: jax.Array, given: jax.Array) -> Any:
        (r, z, n), (r_h, z_h, n_h) = jnp.split(given, 3, axis=1), jnp.split(h @ u, 3, axis=1)
        n = jnp.tanh(n + jax.nn.sigmoid(r + r_h) * (n_h + inner[0]))
        z = jax.nn.sigmoid(z + z_h)
        h = (1 - z) * n + z * h
        return h, h

    cell = {LSTM: lstm, GRU: gru}.get(type(layer), tanh)
    first = (start, start) if isinstance(layer, LSTM) else start
    _, states = jax.lax.scan(cell, first, (x @ w + bias).swapaxes(0, 1))
    return states.swapaxes(0, 1) if layer.every else states[-1]


def poisson(layer: Equation, params: Iterator[tuple[Any, ...]], x: jax.Array) -> jax.Array:
    """-u'' of u = (1 - x^2) N(x), forward over forward: XLA makes one pass of both derivatives."""
    assert layer.equation == "poisson"
    weights = [next(params) for part in layer.body if isinstance(part, JetDense)]

    def u(x: jax.Array) -> jax.Array:
        value = x
        for number, (w, b) in enumerate(weights):
            value = value @ w + b
            value = jnp.tanh(value) if number < len(weights) - 1 else value
        return (1 - x * x) * value

    def first(x: jax.Array) -> jax.Array:
        return jax.jvp(u, (x,), (jnp.ones_like(x),))[1]

    return -jax.jvp(first, (x,), (jnp.ones_like(x),))[1]


def attention(x: jax.Array, params: tuple[Any, ...], heads: int, causal: bool) -> jax.Array:
    """Self-attention on x (batch, times, units)."""
    batch, times, units = x.shape
    qkv, qkv_bias, weight, bias = params
    q, k, v = (x @ qkv + qkv_bias).reshape(batch, times, 3, heads, units // heads).transpose(2, 0, 3, 1, 4)
    scores = q @ k.swapaxes(2, 3) / np.sqrt(units // heads).astype(x.dtype)
    if causal:
        scores = jnp.where(np.tril(np.ones((times, times), bool)), scores, -jnp.inf)
    mixed = jax.nn.softmax(scores) @ v
    return mixed.transpose(0, 2, 1, 3).reshape(batch, times, units) @ weight + bias
