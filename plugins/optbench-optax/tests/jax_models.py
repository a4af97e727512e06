"""JAX models as people write them: trees of arrays and pure functions; nothing in them knows of optbench."""

import jax
import jax.numpy as jnp


def dense(key, inputs, outputs):
    return {"w": jax.random.normal(key, (inputs, outputs)) / inputs**0.5, "b": jnp.zeros(outputs)}


def mlp(features, outputs, width=16, depth=1):
    """Tanh units."""
    sizes = [features, *[width] * depth, outputs]

    def init(key):
        keys = jax.random.split(key, len(sizes) - 1)
        return {"layers": [dense(k, a, b) for k, a, b in zip(keys, sizes, sizes[1:], strict=False)]}

    def apply(params, x):
        for layer in params["layers"][:-1]:
            x = jnp.tanh(x @ layer["w"] + layer["b"])
        return x @ params["layers"][-1]["w"] + params["layers"][-1]["b"]

    return init, apply


def normed(features, outputs, width=12, dropout=0.2):
    """Batch norm and dropout, which make a step more than a function of its weights."""

    def init(key):
        first, second = jax.random.split(key)
        norm = {"scale": jnp.ones(width), "shift": jnp.zeros(width)}
        return {"body": dense(first, features, width), "norm": norm, "head": dense(second, width, outputs)}

    def apply(params, x, state, key, training):
        x = x @ params["body"]["w"] + params["body"]["b"]
        mean, var = (x.mean(0), x.var(0)) if training else (state["mean"], state["var"])
        if training:
            state = {
                "mean": 0.9 * state["mean"] + 0.1 * mean,
                "var": 0.9 * state["var"] + 0.1 * var,
                "steps": state["steps"] + 1,
            }
        x = (x - mean) / jnp.sqrt(var + 1e-5) * params["norm"]["scale"] + params["norm"]["shift"]
        x = jax.nn.relu(x)
        if key is not None:
            x = jnp.where(jax.random.bernoulli(key, 1 - dropout, x.shape), x / (1 - dropout), 0.0)
        return x @ params["head"]["w"] + params["head"]["b"], state

    return init, apply, {"mean": jnp.zeros(width), "var": jnp.ones(width), "steps": 0}


def layer_norm(params, x):
    x = x - x.mean(-1, keepdims=True)
    return x / jnp.sqrt((x * x).mean(-1, keepdims=True) + 1e-5) * params["scale"] + params["shift"]


def block(params, x, heads):
    batch, times, width = x.shape
    inner = layer_norm(params["norm1"], x)
    parts = (inner @ params["attention"]["qkv"]).reshape(batch, times, 3, heads, width // heads)
    q, k, v = jnp.moveaxis(parts, 2, 0)
    scores = jnp.einsum("bthd,bshd->bhts", q, k) / (width // heads) ** 0.5
    scores = jnp.where(jnp.tril(jnp.ones((times, times), bool)), scores, -1e9)
    mixed = jnp.einsum("bhts,bshd->bthd", jax.nn.softmax(scores), v).reshape(batch, times, width)
    x = x + mixed @ params["attention"]["out"]
    inner = layer_norm(params["norm2"], x)
    return x + jax.nn.gelu(inner @ params["up"]["w"] + params["up"]["b"]) @ params["down"]["w"]


def gpt(vocabulary, length, outputs, width=32, depth=1, heads=2):
    """A causal transformer, of a million parameters with width = 128 and depth = 5."""

    def init(key):
        def normal(*shape):
            nonlocal key
            key, own = jax.random.split(key)
            return jax.random.normal(own, shape) * 0.02

        def norm():
            return {"scale": jnp.ones(width), "shift": jnp.zeros(width)}

        def one():
            return {
                "norm1": norm(),
                "norm2": norm(),
                "attention": {"qkv": normal(width, 3 * width), "out": normal(width, width)},
                "up": {"w": normal(width, 4 * width), "b": jnp.zeros(4 * width)},
                "down": {"w": normal(4 * width, width)},
            }

        tables = {"tokens": normal(vocabulary, width), "places": normal(length, width)}
        blocks = [one() for _ in range(depth)]
        return {"embedding": tables, "blocks": blocks, "norm": norm(), "head": normal(width, outputs)}

    def apply(params, x):
        x = params["embedding"]["tokens"][x] + params["embedding"]["places"][: x.shape[1]]
        for one in params["blocks"]:
            x = block(one, x, heads)
        return layer_norm(params["norm"], x) @ params["head"]

    return init, apply


# ------------------------------------------------------------------------------------------------------ what is wrong


def nothing(features, outputs):
    return (lambda key: {"table": jnp.arange(3)}), (lambda params, x: x[:, :2])


def short(features, outputs):
    return mlp(features, 1)


def pair(features, outputs):
    init, apply = mlp(features, outputs)
    return init, lambda params, x: (apply(params, x), x)


def explodes(features, outputs):
    init = lambda key: {"w": jnp.zeros((features, outputs))}  # noqa: E731
    return init, lambda params, x: jnp.sqrt(jnp.abs(x @ params["w"])) + 1


def counting(features, outputs):
    init, apply = mlp(features, outputs)
    calls = []

    def counted(params, x):
        calls.append(1)
        return apply(params, x) * len(calls)

    return init, counted


def leaking(features, outputs):
    init, apply = mlp(features, outputs)
    kept = []

    def leaks(params, x):
        kept.append(x.sum())
        return apply(params, x) + sum(kept)

    return init, leaks


def required(features, outputs, width):
    return mlp(features, outputs, width)


def silent(features, outputs):
    return mlp(features, outputs)[0]
