"""JAX's run of the sweep: for each optimizer one compiled function, vmap over its rates of scan over all steps.

It gets data, weights and batches ready in a file, and imports nothing of ours but the settings:
`python -m peers.sweep_jax FILE NAME...` prints the final validation accuracies as JSON.
"""

import json
import sys
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from peers.sweep import RATES_EACH, settings


def optimizer(name: str, rate: Any) -> optax.GradientTransformation:
    """The optimizers of the sweep with our constants."""
    match name:
        case "sgd":
            return optax.sgd(rate)
        case "heavy-ball":
            return optax.sgd(rate, momentum=0.9)
        case "nesterov":
            return optax.sgd(rate, momentum=0.9, nesterov=True)
        case "adagrad":
            return optax.adagrad(rate, initial_accumulator_value=0.0, eps=1e-10)
        case "rmsprop":
            return optax.rmsprop(rate, decay=0.99, eps=1e-8, eps_in_sqrt=False)
        case "adam":
            return optax.adam(rate)
        case "adamax":
            return optax.adamax(rate)
        case "adamw":
            return optax.adamw(rate, weight_decay=0.01)
    raise ValueError(f"no optax optimizer for {name!r}")


def logits(params: Any, x: jax.Array) -> jax.Array:
    *hidden, (weight, bias) = params
    for w, b in hidden:
        x = jax.nn.relu(x @ w + b)
    return x @ weight + bias


def loss(params: Any, x: jax.Array, labels: jax.Array) -> jax.Array:
    return optax.softmax_cross_entropy_with_integer_labels(logits(params, x), labels).mean()


def main(file: str, names: list[str]) -> None:
    data = np.load(file)
    x, labels = jnp.asarray(data["x"]), jnp.asarray(data["labels"])
    x_validation, validation = jnp.asarray(data["x_validation"]), jnp.asarray(data["validation"])
    tensors = [jnp.asarray(data[f"tensor{i}"]) for i in range(int(data["tensors"]))]
    batches, pairs = jnp.asarray(data["batches"]), settings(names)
    accuracies: list[float] = []
    for number, name in enumerate(names):
        mine = slice(number * RATES_EACH, (number + 1) * RATES_EACH)

        def train(params: Any, rate: jax.Array, order: jax.Array, name: str = name) -> jax.Array:
            rule = optimizer(name, rate)

            def step(carry: Any, index: jax.Array) -> Any:
                params, state = carry
                grads = jax.grad(loss)(params, x[index], labels[index])
                updates, state = rule.update(grads, state, params)
                return (optax.apply_updates(params, updates), state), None

            (params, _), _ = jax.lax.scan(step, (params, rule.init(params)), order)
            return (logits(params, x_validation).argmax(axis=1) == validation).mean()

        params = [(w[mine], b[mine]) for w, b in zip(tensors[::2], tensors[1::2], strict=True)]
        rates = jnp.asarray([rate for _, rate in pairs[mine]], jnp.float32)
        accuracies += jax.jit(jax.vmap(train))(params, rates, batches[mine]).tolist()
    print(json.dumps(accuracies))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
