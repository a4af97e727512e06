"""python in_jax.py DATA RESULT: the same network in JAX, with optax's momentum."""

import sys

import jax
import jax.numpy as jnp
import numpy as np
import optax

jax.config.update("jax_enable_x64", True)  # else float64 is float32 without a word
data = np.load(sys.argv[1])
x, y = jnp.array(data["x"]), jnp.array(data["y"])
params = {name: jnp.array(data[name]) for name in ("W1", "b1", "W2", "b2")}


def mean_cost(params, x, y):
    hidden = jax.nn.relu(x @ params["W1"] + params["b1"])
    logits = hidden @ params["W2"] + params["b2"]
    return optax.softmax_cross_entropy_with_integer_labels(logits, y).mean()


momentum = optax.sgd(float(data["rate"]), momentum=float(data["beta"]))
state = momentum.init(params)


@jax.jit
def step(params, state, batch):
    cost, gradient = jax.value_and_grad(mean_cost)(params, x[batch], y[batch])
    updates, state = momentum.update(gradient, state)
    return optax.apply_updates(params, updates), state, cost


costs = []
for batch in data["batches"]:
    params, state, cost = step(params, state, batch)
    costs.append(float(cost))

np.savez(sys.argv[2], version=f"{jax.__version__}, optax {optax.__version__}", costs=costs, **params)
