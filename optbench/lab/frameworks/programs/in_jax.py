"""In JAX with optax: python in_jax.py DATA RESULT"""

import sys

import jax
import jax.numpy as jnp
import numpy as np
import optax

# else float64 is float32 without a word
jax.config.update("jax_enable_x64", True)
data = np.load(sys.argv[1])
rate, beta = float(data["rate"]), float(data["beta"])
x, y = jnp.array(data["x"]), jnp.array(data["y"])
names = ("W1", "b1", "W2", "b2")
params = {name: jnp.array(data[name]) for name in names}


def mean_cost(params, x, y):
    hidden = jax.nn.relu(x @ params["W1"] + params["b1"])
    z = hidden @ params["W2"] + params["b2"]
    cost = optax.softmax_cross_entropy_with_integer_labels
    return cost(z, y).mean()


momentum = optax.sgd(rate, momentum=beta)
state = momentum.init(params)


@jax.jit
def step(params, state, x, y):
    backward = jax.value_and_grad(mean_cost)
    cost, gradient = backward(params, x, y)
    updates, state = momentum.update(gradient, state)
    params = optax.apply_updates(params, updates)
    return params, state, cost


costs = []
for batch in data["batches"]:
    drawn = x[batch], y[batch]
    params, state, cost = step(params, state, *drawn)
    costs.append(float(cost))

version = f"{jax.__version__}, optax {optax.__version__}"
np.savez(sys.argv[2], version=version, costs=costs, **params)
