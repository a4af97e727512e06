"""JAX models with losses and batches of their own, as people write them in their training scripts."""

import jax
import jax.numpy as jnp
import jax_models
import numpy as np
import optbench_optax


def points(count, seed):
    x = np.random.default_rng(seed).normal(size=(count, 4)).astype(np.float32)
    return x, (x[:, 0] * x[:, 1] > 0).astype(np.int32)


def entropy(logits, targets):
    return -jnp.take_along_axis(jax.nn.log_softmax(logits), targets[..., None], -1).mean()


def loaders(batch):
    return {
        "train": optbench_optax.batches(points(100, 0), batch),
        "validation": optbench_optax.batches(points(60, 1), 32, partial=True),
        "test": optbench_optax.batches(points(60, 2), 32, partial=True),
    }


def classes(width=12, dropout=0.2, batch=16, first_values="model"):
    """Batch norm and dropout on points."""
    init, apply, state = jax_models.normed(4, 2, width, dropout)

    def loss(params, batch, state, key, training):
        logits, state = apply(params, batch[0], state, key, training)
        return entropy(logits, batch[1]), state

    def share(params, batch, state):
        logits = apply(params, batch[0], state, None, False)[0]
        return (logits.argmax(-1) == batch[1]).astype(logits.dtype).mean()

    return optbench_optax.workload(
        init, loss, loaders(batch), metric="accuracy", measure=share, state=state, first_values=first_values
    )


def texts():
    """Random texts, the same in every epoch, of whose tokens each third is the sum of the two before."""
    x = np.random.default_rng(5).integers(0, 16, (24, 17))
    x[:, 2::3] = (x[:, 0:-2:3] + x[:, 1:-1:3]) % 16
    return [{"x": part[:, :-1], "y": part[:, 1:]} for part in np.split(x, 3)]


def gpt(width=32, depth=1):
    """Any batches, any loss."""
    init, apply = jax_models.gpt(16, 16, 16, width, depth)
    return optbench_optax.workload(init, lambda params, batch: entropy(apply(params, batch["x"]), batch["y"]), texts)


def squares(params, batch):
    return jnp.mean((batch["x"] @ params["w"] - batch["y"]) ** 2)


trained = optbench_optax.workload(
    {"w": jnp.ones((4, 1))}, squares, [{"x": np.eye(4), "y": np.zeros((4, 1))}, {"x": -np.eye(4), "y": np.ones((4, 1))}]
)

X = np.random.default_rng(3).normal(size=(30, 4))
whole = optbench_optax.workload({"w": jnp.zeros((4, 1))}, squares, [{"x": X, "y": X.sum(1, keepdims=True)}])


def nothing():
    return 3


def listed(widths):
    return trained
