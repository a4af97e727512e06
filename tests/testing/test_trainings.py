"""A registry of given modules, and trainings without a run of a suite."""

from dataclasses import dataclass

import numpy as np
import pytest

import optbench
from optbench import OptbenchError, Optimizer, get
from optbench.testing import checkpointed, offered, registry_of, runs_of, training_of, trial_of


@dataclass(frozen=True)
class Half(Optimizer):
    """w <- w - g / 2."""

    name = "half"

    def step(self, params, grads, state, context):
        params -= 0.5 * context.factor * grads


class Plugin:
    @staticmethod
    @optbench.hookimpl
    def optbench_optimizers():
        return [Half]


class Taken:
    @staticmethod
    @optbench.hookimpl
    def optbench_optimizers():
        return [get("sgd").__class__]


class Misspelt:
    @staticmethod
    @optbench.hookimpl
    def optbench_optimisers():
        return [Half]


def test_a_registry_holds_what_is_given():
    assert offered(Plugin()) == {"optimizers": ["half"]}
    beside, alone = registry_of(Plugin()), registry_of(Plugin(), built_ins=False)
    assert beside.create("optimizers", {"name": "half"}) == Half()
    assert set(alone.components["optimizers"]) == {"half"}
    assert set(beside.components["optimizers"]) == {"half", *registry_of().components["optimizers"]}
    assert beside.entry("optimizers", "half").provider == "Plugin 0"


@pytest.mark.parametrize(("module", "said"), [(Taken(), "'sgd' is taken by optbench"), (Misspelt(), "no hook")])
def test_what_is_wrong_with_a_module_is_raised(module, said):
    for use in (registry_of, offered):
        with pytest.raises(OptbenchError, match=said):
            use(module)


def test_an_instance_takes_the_place_of_a_trials_optimizer():
    plugins = registry_of(Plugin())
    settings = {"lr": 0.5, "epochs": 2}
    trial = trial_of("spirals-mlp", "quick", optimizer="sgd", settings=settings, seed=4, plugins=plugins)
    assert (trial.seed, trial.workload["epochs"], trial.components["optimizer"]["lr"]) == (4, 2, 0.5)
    given = training_of([trial], plugins)
    replaced = training_of([trial], plugins, optimizer=Half())
    for training in (given, replaced):
        for _ in range(5):
            training.step()
    assert given.rows[0].params.tobytes() == replaced.rows[0].params.tobytes()
    (ours,), (theirs,) = runs_of(given), runs_of(replaced)
    assert ours.outcome == theirs.outcome == "done"
    assert ours.test_loss == theirs.test_loss


def test_a_state_comes_back_from_its_file():
    saved = {"m": np.arange(3.0, dtype=np.float32), "t": 2, "inner": {"name": "x", "list": [np.zeros((2, 0))]}}
    again = checkpointed(saved)
    assert again["m"].dtype == np.float32
    assert again["m"].tolist() == [0, 1, 2]
    assert (again["t"], again["inner"]["name"], again["inner"]["list"][0].shape) == (2, "x", (2, 0))
    with pytest.raises(OptbenchError, match="a state holds a set"):
        checkpointed({"a": {1, 2}})
