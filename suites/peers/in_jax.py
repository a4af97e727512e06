"""The same training in JAX: one compiled function a step, or a compiled epoch of many trials at once."""

from collections.abc import Iterator
from itertools import groupby
from time import perf_counter
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from optbench.contract.edges import Edges
from optbench.nn.activations import GeluTanh, Relu
from optbench.nn.attention import SelfAttention
from optbench.nn.batch_norm import BatchNorm
from optbench.nn.category_embedding import CategoryEmbedding
from optbench.nn.chain import Chain
from optbench.nn.dense import Dense
from optbench.nn.embedding import Embedding
from optbench.nn.graph_convolution import GraphConvolution
from optbench.nn.layer_norm import LayerNorm
from optbench.nn.losses import BinaryCrossEntropy, ReconstructionCrossEntropy, SequenceCrossEntropy
from optbench.nn.network import Network
from optbench.nn.pairwise_products import PairwiseProducts
from optbench.nn.positions import MeanOverPositions, Patches, Places, SwapPositions
from optbench.nn.residual import Residual
from peers.timing import Contender
from peers.work import Arrays, Work

# On one processor a second thread that computes what the first has dispatched can only get in its way: steps are
# faster, or as fast, when they are computed where they are called.
jax.config.update("jax_cpu_enable_async_dispatch", False)

Params = list[tuple[Any, ...]]


def unpacked(work: Work, flat: np.ndarray) -> Params:
    """Our vectors (…, size) as a list of a layer's tensors, (weight, bias) say; the tables of categories as one."""
    views = work.network.layout.views(flat)
    params: Params = []
    for layer, names in groupby(views, lambda name: name.rpartition(".")[0]):
        tensors = [views[name] for name in names]
        if layer.endswith(".categoryembedding"):
            tensors = [np.concatenate(tensors, axis=-2)]
        params.append(tuple(map(jnp.asarray, tensors)))
    return params


def packed(params: Params) -> np.ndarray:
    return np.concatenate([np.asarray(t).reshape(-1) for layer in params for t in layer])


def examples(arrays: Arrays) -> tuple[jax.Array, jax.Array]:
    """Flat inputs and labels or values, on the device."""
    kind = jnp.int32 if arrays.labels.dtype.kind == "i" else jnp.float32
    return jnp.asarray(arrays.x.reshape(len(arrays.x), -1)), jnp.asarray(arrays.labels, kind)


def loss(params: Params, x: jax.Array, labels: jax.Array) -> jax.Array:
    *hidden, (weight, bias) = params
    for w, b in hidden:
        x = jax.nn.relu(x @ w + b)
    logits = x @ weight + bias
    return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()


def loss_of(network: Network) -> Any:
    """The loss of a network of any layers that are known here, as a function like `loss`."""

    def value(params: Params, x: jax.Array, labels: jax.Array) -> jax.Array:
        logits = through(network.chain, iter(params), x)
        if network.loss is ReconstructionCrossEntropy:
            return optax.sigmoid_binary_cross_entropy(logits, labels).sum() / len(logits)
        if network.loss is BinaryCrossEntropy:
            return optax.sigmoid_binary_cross_entropy(logits, labels).mean()
        if network.loss is SequenceCrossEntropy:
            counted = labels.reshape(-1) >= 0
            logits = logits.reshape(-1, logits.shape[-1])
            each = optax.softmax_cross_entropy_with_integer_labels(logits, jnp.maximum(labels.reshape(-1), 0))
            return (each * counted).sum() / counted.sum()
        return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()

    return value


def spread(edges: Edges) -> np.ndarray:
    """The matrix of a graph convolution; dense, which is faster here than JAX's sparse ones."""
    a = np.eye(edges.nodes, dtype=np.float32)
    first, second = edges.pairs.T
    a[first, second] = a[second, first] = 1
    return a / np.sqrt(np.outer(a.sum(0), a.sum(0)))


def through(chain: Chain, params: Iterator[tuple[Any, ...]], x: jax.Array) -> jax.Array:
    for layer, shape in zip(chain.layers, chain.shapes, strict=False):
        match layer:
            case Dense():
                w, b = next(params)
                x = x @ w + b
            case GraphConvolution(edges=edges):
                w, b = next(params)
                x = spread(edges) @ (x.reshape(-1, len(w)) @ w) + b
            case Relu():
                x = jax.nn.relu(x)
            case GeluTanh():
                x = jax.nn.gelu(x)
            case Embedding():
                table, *places = next(params)
                x = table[x] + (places[0] if places else 0)
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
                columns = len(categories)
                first = np.concatenate([[0], np.cumsum(categories[:-1])])
                vectors = table[x[:, :columns].astype(jnp.int32) + first].reshape(len(x), -1)
                x = jnp.concatenate([vectors, through(layer.chain(shape), params, x[:, columns:])], axis=1)
            case PairwiseProducts(units=units, keep_last=keep_last):
                vectors = x.reshape(len(x), -1, units)
                i, j = np.triu_indices(vectors.shape[1], 1)
                products = jnp.einsum("biu,bju->bij", vectors, vectors)[:, i, j]
                x = jnp.concatenate([products, vectors[:, -1]], axis=1) if keep_last else products
            case Residual():
                ways = [through(way, params, x) for _, way in layer.chains(shape)]
                x = ways[0] + (ways[1] if len(ways) > 1 else x)
            case _:
                raise NotImplementedError(f"nothing in JAX for {layer}")
    return x


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


class Jit(Contender):
    """A jitted function of the whole step, the gathering of the batch included; its state is donated.

    The batches of an epoch lie on the device, and so does the number of the step: nothing is converted a step.
    """

    def __init__(self, work: Work):
        arrays = work.arrays()
        optimizer = optax.adam(work.lr)
        batches = len(arrays.batches[0])
        loss = loss_of(work.network)

        def step(carry: Any, x: jax.Array, labels: jax.Array, order: jax.Array) -> Any:
            params, state, number = carry
            index = order[number % batches]
            grads = jax.grad(loss)(params, x[index], labels[index])
            updates, state = optimizer.update(grads, state, params)
            return optax.apply_updates(params, updates), state, number + 1

        self.step = jax.jit(step, donate_argnums=0)
        params = unpacked(work, arrays.start[0])
        self.carry = (params, optimizer.init(params), jnp.int32(0))
        self.data = (*examples(arrays), jnp.asarray(arrays.batches[0]))
        versions = f"JAX {jax.__version__}, optax {optax.__version__}"
        self.note = f"{versions}, jit of the whole step, without asynchronous dispatch"

    def run(self, steps: int) -> float:
        step, carry, (x, labels, order) = self.step, self.carry, self.data
        start = perf_counter()
        for _ in range(steps):
            carry = step(carry, x, labels, order)
        jax.block_until_ready(carry)
        seconds = perf_counter() - start
        self.carry = carry
        return seconds

    def parameters(self) -> np.ndarray:
        return packed(self.carry[0])


class Stack(Contender):
    """vmap over trials of a scan over the steps of an epoch: one call an epoch for all trials."""

    def __init__(self, work: Work, rates: tuple[float, ...]):
        trials = len(rates)
        arrays = work.arrays(trials)
        self.granule = arrays.steps_per_epoch

        def epoch(carry: Any, rate: jax.Array, order: jax.Array, x: jax.Array, labels: jax.Array) -> Any:
            optimizer = optax.adam(rate)

            def step(carry: Any, index: jax.Array) -> Any:
                params, state = carry
                grads = jax.grad(loss)(params, x[index], labels[index])
                updates, state = optimizer.update(grads, state, params)
                return (optax.apply_updates(params, updates), state), None

            return jax.lax.scan(step, carry, order)[0]

        self.epoch = jax.jit(jax.vmap(epoch, in_axes=(0, 0, 0, None, None)), donate_argnums=0)
        params = unpacked(work, arrays.start)
        self.carry = (params, jax.vmap(optax.adam(0.0).init)(params))
        self.rates = jnp.asarray(rates, jnp.float32)
        self.data = examples(arrays)
        order = np.split(arrays.batches, arrays.batches.shape[1] // self.granule, axis=1)
        self.orders = [jnp.asarray(part) for part in order]
        self.number = 0
        self.note = f"JAX {jax.__version__}, jit of vmap over {trials} trials of scan over an epoch"

    def run(self, steps: int) -> float:
        start = perf_counter()
        for _ in range(steps // self.granule):
            order = self.orders[self.number % len(self.orders)]
            self.carry = self.epoch(self.carry, self.rates, order, *self.data)
            self.number += 1
        jax.block_until_ready(self.carry)
        return perf_counter() - start

    def parameters(self) -> np.ndarray:
        trials = len(self.rates)
        return np.concatenate([packed([(w[k], b[k]) for w, b in self.carry[0]]) for k in range(trials)])
