"""`python survey/module_cost.py [WORD …]`: a step of a JAX model through the bridge beside the loop that one writes.

Processor time of both, in turns of a few steps, as the median of the paired ratios with its quartiles: other work on
the machine then falls on both. The mini-batches are the same; plain JAX has them at hand, gathers them by index, and
takes loss, gradient and optax's step of the same settings in one compiled function, with parameters that stay where
they are.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import jax
import jax.numpy as jnp
import jax_models
import jax_recipes
import optax
import optbench_optax

from optbench.testing import registry_of, training_of, trial_of

SUITE = """
title = "Cost"
seeds = 2
[tuning]
trials = 2
[[workloads]]
name = "one"
WORKLOAD
steps = 100000
dtype = "float32"
[[candidates]]
name = "sgd"
optimizer = "sgd"
"""
CASES = {
    "MLP 64-64-64-10, 8x8 digits, batch 64": ("{ name = 'digits' }", "{ kind = 'jax:module_cost:mlp' }", 64),
    "GPT of a million parameters, 32 characters, batch 16": (
        "{ name = 'text-characters' }", "{ kind = 'jax:jax_models:gpt', width = 128, depth = 5 }", 16
    ),
    "the same GPT with its own loss and batches": ("", "", 16),
}  # fmt: skip
OPTIMIZERS = {"sgd": optax.sgd, "adam": optax.adam, "optax/adam": optax.adam}
ROUNDS = 41


def mlp(shape, outputs):
    """Two hidden layers on images as vectors."""
    init, apply = jax_models.mlp(int(np.prod(shape)), outputs, 64, 2)
    return init, lambda params, x: apply(params, x.reshape(len(x), -1))


def batches() -> list[Any]:
    drawn = np.random.default_rng(1).integers(0, 64, (50, 16, 33))
    return [(part[:, :-1].astype(np.int32), part[:, 1:].astype(np.int32)) for part in drawn]


def gpt() -> tuple[Any, Any]:
    init, apply = jax_models.gpt(64, 32, 64, 128, 5, 4)
    return init, lambda params, batch: jax_recipes.entropy(apply(params, batch[0]), batch[1])


def own() -> Any:
    """The GPT with its own loss and batches, as a problem."""
    return optbench_optax.workload(*gpt(), batches())


def plain(loss: Any, params: Any, next_batch: Callable[[], Any], optimizer: Callable[..., Any]) -> Callable[[], None]:
    """A step in JAX and optax alone."""
    rule = optimizer(1e-4)
    state = rule.init(params)

    @jax.jit
    def advance(params: Any, state: Any, batch: Any) -> Any:
        value, slopes = jax.value_and_grad(loss)(params, batch)
        updates, state = rule.update(slopes, state, params)
        return value, optax.apply_updates(params, updates), state

    def step() -> None:
        nonlocal params, state
        _, params, state = advance(params, state, next_batch())
        # As ours, which has to know it: otherwise steps would queue up.
        jax.block_until_ready(params)

    return step


def plain_own(optimizer: Callable[..., Any]) -> Callable[[], None]:
    init, loss = gpt()
    drawn, number = batches(), 0

    def next_batch() -> Any:
        nonlocal number
        number += 1
        return drawn[number % len(drawn)]

    return plain(loss, init(jax.random.key(0)), next_batch, optimizer)


def plain_network(training: Any, batch: int, optimizer: Callable[..., Any]) -> Callable[[], None]:
    found = training.problem.network.layers[0].compiled
    x, y = (np.array(a) for a in training.problem.data.examples("train"))
    tokens = found.inputs.vocabulary
    x, y = (x.astype(np.int32), y.astype(np.int32)) if tokens else (x, y.argmax(1))
    order, place = np.random.default_rng(0).permutation(len(x)), 0

    def next_batch() -> Any:
        nonlocal place
        index = order[place : place + batch]
        place = (place + batch) % (len(order) - batch)
        return x[index], y[index]

    def loss(params: Any, batch: Any) -> Any:
        logs = jax.nn.log_softmax(found.model.apply(params, batch[0]))
        counted = batch[1] >= 0
        wanted = jnp.where(counted, batch[1], 0)[..., None]
        return -(jnp.take_along_axis(logs, wanted, -1)[..., 0] * counted).sum() / counted.sum()

    return plain(loss, found.model.init(jax.random.key(0)), next_batch, optimizer)


def seconds(step: Callable[[], Any], count: int) -> float:
    start = time.process_time()
    for _ in range(count):
        step()
    return (time.process_time() - start) / count


def main() -> None:
    registry = registry_of(optbench_optax)
    print(f"jax {jax.__version__}; milliseconds of processor time, medians of {ROUNDS} pairs")
    wanted = {title: case for title, case in CASES.items() if all(word in title for word in sys.argv[1:])}
    for title, (dataset, network, batch) in wanted.items():
        for name, theirs in OPTIMIZERS.items():
            table = f"dataset = {dataset}\nnetwork = {network}\nbatch_size = {batch}"
            text = SUITE.replace("WORKLOAD", table if dataset else "problem = { name = 'jax:module_cost:own' }")
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "suite.toml"
                path.write_text(text)
                trial = trial_of("one", str(path), optimizer=name, settings={"lr": 1e-4}, plugins=registry)
            training = training_of([trial], registry)
            step = plain_network(training, batch, theirs) if dataset else plain_own(theirs)
            seconds(training.step, 3)
            seconds(step, 3)
            count = max(1, round(0.05 / seconds(step, 3)))
            pairs = []
            for number in range(ROUNDS):
                sides = (training.step, step) if number % 2 else (step, training.step)
                took = {side: seconds(side, count) for side in sides}
                pairs.append((took[training.step], took[step]))
            assert training.rows[0].outcome is None, training.rows[0].traceback
            ours, plains = np.array(pairs).T
            low, middle, high = np.quantile(ours / plains, (0.25, 0.5, 0.75))
            print(
                f"{title}, {name}: {1e3 * np.median(ours):.3f} against {1e3 * np.median(plains):.3f}, "
                f"ratio {middle:.3f} (quartiles {low:.3f} to {high:.3f})"
            )


if __name__ == "__main__":
    main()
