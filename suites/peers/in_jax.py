"""The same training in JAX: one compiled function a step, or a compiled epoch of many trials at once."""

from dataclasses import replace
from itertools import groupby, islice
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from optbench.nn.graph_convolution import GraphConvolution
from optbench.nn.losses import (
    BinaryCrossEntropy,
    MeanSquaredError,
    ReconstructionCrossEntropy,
    SequenceCrossEntropy,
)
from optbench.nn.network import Network
from peers.jax_layers import Outside, Params, spread, through
from peers.timing import Contender, clock
from peers.work import Arrays, Work

# On one processor a second thread that computes what the first has dispatched can only get in its way: steps are
# faster, or as fast, when they are computed where they are called.
jax.config.update("jax_cpu_enable_async_dispatch", False)

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


def loss_of(network: Network, outside: Outside | None = None) -> Any:
    """The loss of a network of any layers that are known here, as a function like `loss`."""

    def likelihood(logits: jax.Array, labels: jax.Array) -> jax.Array:
        if network.loss is MeanSquaredError:
            return ((logits - labels) ** 2).mean()
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

    def value(params: Params, x: jax.Array, labels: jax.Array, number: jax.Array | int = 0) -> jax.Array:
        x = x.reshape(len(x), *network.shapes[0])
        around = replace(outside or Outside(), given=x, number=number, added=[])
        logits = through(network.chain, iter(params), x, around)
        return likelihood(logits, labels) + sum(around.added)

    return value


class Jit(Contender):
    """A jitted function of the whole step, the gathering of the batch included; its state is donated.

    The batches of an epoch lie on the device, and so does the number of the step: nothing is converted a step.

    our_noise   latent variables are drawn as ours are, to compare; else by JAX, within the step
    """

    def __init__(self, work: Work, our_noise: bool = False):
        arrays = work.arrays()
        optimizer = optax.adam(work.lr)
        batches = len(arrays.batches[0])
        noise = np.stack(list(islice(work.noise(), batches))) if our_noise else None
        loss = loss_of(work.network, Outside(noise=noise))

        def step(carry: Any, x: jax.Array, labels: jax.Array, order: jax.Array) -> Any:
            params, state, number = carry
            index = order[number % batches]
            grads = jax.grad(loss)(params, x[index], labels[index], number)
            updates, state = optimizer.update(grads, state, params)
            return optax.apply_updates(params, updates), state, number + 1

        self.step = jax.jit(step, donate_argnums=0)
        params = unpacked(work, arrays.start[0])
        self.carry = (params, optimizer.init(params), jnp.int32(0))
        x, labels = examples(arrays)
        if isinstance(work.network.layers[0], GraphConvolution):
            # The features do not change, nor does what neighbours give of them: as ours, made once.
            x = (spread(work.network.layers[0].edges) @ x.reshape(work.network.shapes[0]))[None]
        self.data = (x, labels, jnp.asarray(arrays.batches[0]))
        versions = f"JAX {jax.__version__}, optax {optax.__version__}"
        self.note = f"{versions}, jit of the whole step, without asynchronous dispatch"

    def run(self, steps: int) -> float:
        step, carry, (x, labels, order) = self.step, self.carry, self.data
        start = clock()
        for _ in range(steps):
            carry = step(carry, x, labels, order)
        jax.block_until_ready(carry)
        seconds = clock() - start
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
        start = clock()
        for _ in range(steps // self.granule):
            order = self.orders[self.number % len(self.orders)]
            self.carry = self.epoch(self.carry, self.rates, order, *self.data)
            self.number += 1
        jax.block_until_ready(self.carry)
        return clock() - start

    def parameters(self) -> np.ndarray:
        trials = len(self.rates)
        return np.concatenate([packed([(w[k], b[k]) for w, b in self.carry[0]]) for k in range(trials)])
