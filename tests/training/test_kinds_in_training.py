"""Every network kind while it trains: stacks, gradients within a step, and what an interruption leaves."""

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from optbench.builtin.networks import ALL
from optbench.registry.registry import registry
from optbench.training.assembly import assemble
from optbench.trials.trial import Trial

COPYING = {"name": "copy-memory", "samples": 600, "length": 2, "delay": 2}
#: what "KIND of …" reads
OTHERS = {
    "tokens": COPYING,
    "categories": {"name": "clicks", "samples": 600},
    "graph": {"name": "stochastic-block-model", "nodes": 200},
    "graphs": {"name": "random-graphs", "samples": 300},
}
#: digits, and what else a kind reads
KINDS = [kind.name for kind in ALL if "values" in kind.reads]
KINDS += [f"{kind.name} of {what}" for kind in ALL for what in OTHERS if what in kind.reads]
#: those that take no normalizers and no dropout
BARE = ["physics-informed"]


def trial(kind, seed=1, optimizer="adam"):
    kind, _, what = kind.partition(" of ")
    dataset = OTHERS.get(what, {"name": "digits"})
    if kind == "matrix-factorization":
        dataset = {"name": "ratings", "samples": 600}
    if kind in ("autoencoder", "vae"):
        dataset = {"name": "reconstruction", "inner": dataset}
    workload = {
        "dataset": dataset,
        "network": {"name": kind},
        "split": {"validation": 0.05, "test": 0.8, "seed": 0},
        "batch_size": 32,
        "dtype": "float32",
        "steps": 6,
        "evaluate_every": 3,
    }
    components = {
        "optimizer": {"name": optimizer},
        "schedule": {"name": "constant"},
        "initializer": {"name": "he"},
        "normalizers": [] if kind in BARE else [{"name": "batch-norm"}],
        "regularizers": [] if kind in BARE else [{"name": "dropout", "keep": 0.8}],
    }
    return Trial(workload, components, seed, providers={})


@pytest.fixture(autouse=True)
def _as_in_training():
    """One thread; and digits up to 16 make attention's scores large: exponentials that overflow are made again."""
    with threadpool_limits(1), np.errstate(over="ignore", invalid="ignore"):
        yield


@pytest.mark.parametrize("kind", KINDS)
def test_rows_of_a_stack_are_solo_trainings(kind):
    together = assemble([trial(kind, seed) for seed in (1, 2)], registry())
    for _ in range(4):
        together.step()
    for row, seed in enumerate((1, 2)):
        alone = assemble([trial(kind, seed)], registry())
        for _ in range(4):
            alone.step()
        assert np.array_equal(together.problem.params[row], alone.problem.params[0])
        scores = [t.problem.evaluate(k, t.problem.params[k]) for t, k in ((together, row), (alone, 0))]
        assert scores[0] == scores[1]


@pytest.mark.parametrize("kind", KINDS)
def test_a_gradient_asked_for_within_a_step_is_the_step_s_own(kind):
    problem = assemble([trial(kind, 1), trial(kind, 2)], registry()).problem
    problem.next_batch(0)
    problem.gradient()
    own = problem.grads.copy()
    statistics = [{name: a.copy() for name, a in layer.items()} for layer in problem.state]
    for row in (1, 0):
        found = np.zeros_like(own[row])
        loss = problem.probe(row, problem.params[row], found)
        assert np.array_equal(found, own[row])
        assert loss == problem.loss(row)
        other = np.zeros_like(found)
        problem.probe(row, problem.params[row] * 1.5, other)
        assert not np.array_equal(other, found)
    for layer, before in zip(problem.state, statistics, strict=True):
        assert all(np.array_equal(layer[name], a) for name, a in before.items())


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_saved_goes_on_with_the_same_bits(kind):
    first, second = (assemble([trial(kind)], registry()).problem for _ in range(2))
    for step in range(3):
        first.next_batch(step)
        first.gradient()
        first.params -= 0.01 * first.grads
    second.load(0, first.save(0))
    second.params[...] = first.params
    for problem in (first, second):
        problem.next_batch(3)
        problem.gradient()
    assert np.array_equal(first.grads, second.grads)
    assert first.evaluate(0, first.params[0]) == second.evaluate(0, second.params[0])
