"""What bridges to models of other libraries share, of a bridge to nothing: plain NumPy instead of a library."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest

from optbench import ComponentError, OptbenchError
from optbench.bridging import Minibatches, ModelProblem, mean_scores, required_of, settings_of

EPOCH = [[1, 2], [3, 4], [5, 6]]


class Seeded(Minibatches):
    """An epoch's batches in an order that its seed draws."""

    def begin(self, seed):
        return iter(np.random.default_rng(seed).permutation(self.loader))


def test_a_batch_is_the_same_again_also_in_the_middle_of_an_epoch():
    batches = Seeded("here", EPOCH)
    in_order = [batches.at(7, place).tolist() for place in range(3)]
    assert sorted(in_order) == EPOCH
    assert batches.at(7, 3) is None
    # behind another epoch, backwards, and from a loader that never saw the first two
    batches.at(8, 0)
    assert batches.at(7, 1).tolist() == in_order[1]
    assert Seeded("here", EPOCH).at(7, 2).tolist() == in_order[2]


def test_every_batch_and_the_first_of_them():
    batches = Minibatches("here", EPOCH)
    assert list(batches.all()) == EPOCH
    assert list(batches.all(2)) == EPOCH[:2]


def test_a_function_without_an_end_gives_batches():
    batches = Minibatches("here", lambda: itertools.count())
    assert [batches.at(1, place) for place in range(3)] == [0, 1, 2]


@pytest.mark.parametrize(
    ("loader", "message"),
    [(3, "here is a int: give"), (iter(EPOCH), "can be gone through once"), ([], "gives no batch")],
)
def test_what_is_no_loader_is_refused(loader, message):
    with pytest.raises(ComponentError, match=message):
        Minibatches("here", loader).check()


def test_loaders_are_those_of_splits():
    assert set(Minibatches.of_splits("here", EPOCH)) == {"train"}
    assert set(Minibatches.of_splits("here", {"train": EPOCH, "test": EPOCH})) == {"train", "test"}
    with pytest.raises(ComponentError, match="train must be there, got 'test'"):
        Minibatches.of_splits("here", {"test": EPOCH})


def test_scores_count_examples():
    batches = {"test": Minibatches("here", [[1.0], [4.0, 4.0]])}
    loss, metric = mean_scores(batches, "test", lambda b: (len(b), sum(b) / len(b), 1.0))
    assert (loss, metric) == (3.0, 1.0)
    assert all(np.isnan(mean_scores(batches, "validation", lambda b: (1, 0.0, 0.0))))


def test_arguments_are_settings():
    def built(width, depth=2, rate: float = 1, other=None, sizes=(1, None), far=float("inf")):
        pass

    found = {name: (kind, field.default) for name, kind, field in settings_of(built)}
    assert list(found) == ["width", "depth", "rate", "sizes"], "None and infinity are left to the function"
    assert found["depth"] == (int, 2)
    assert found["sizes"] == (tuple, (1, None))
    assert found["rate"][0] is float
    assert type(found["rate"][1]) is float
    assert required_of(built) == ("width",)


class Plain(ModelProblem):
    """A bridge that only looks at what it is given."""

    what, made_by = "plain model", "workload(model)"
    looks = 0

    @classmethod
    def looked_over(cls, where, given):
        Plain.looks += 1
        if given["model"] is None:
            raise ComponentError(f"{where}: no model")
        return SimpleNamespace(metric="loss", first_values="suite", layout=given["model"])

    def gradient(self, params, batch, out):
        raise NotImplementedError

    scores = gradient


def workload(model):
    return Plain.in_hand("mine", {"model": model}, "here")


def with_settings(width=2, sizes=(1, 2)):
    return workload(f"{width} {list(sizes)}")


def test_a_model_in_hand_is_looked_over_once():
    looks, problem = Plain.looks, workload("a layout")
    assert problem.layout() == "a layout"
    assert problem.layout() == "a layout"
    assert Plain.looks == looks + 1
    with pytest.raises(ComponentError, match="plain model mine: no model"):
        workload(None)


def test_a_function_by_its_path_has_its_arguments_as_settings():
    made = Plain.by_path("plain:here:with_settings", "here:with_settings", with_settings, "plain")
    assert made(width=3).layout() == "3 [1, 2]"
    assert made(width=3).task() is made(width=3).task()
    assert made(sizes=[4]).layout() == "2 [4]", "a setting that cannot be hashed is looked over each time"


def test_what_a_path_may_name():
    assert Plain.by_path("a", "here:a", workload("held"), "plain")().layout() == "held"
    with pytest.raises(OptbenchError, match=r"here:b is no function that returns workload\(…\)"):
        Plain.by_path("b", "here:b", 3, "plain")
    other = Plain.by_path("c", "here:c", lambda: 3, "plain")
    with pytest.raises(ComponentError, match=r"problem c gave a int; let it return workload\(model\)"):
        other().layout()
    broken = Plain.by_path("d", "here:d", lambda: 1 / 0, "plain")
    with pytest.raises(ComponentError, match="problem d: ZeroDivisionError: division by zero"):
        broken().layout()
