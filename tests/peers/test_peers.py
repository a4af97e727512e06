"""The side-by-side timing's own machinery; the peers themselves are not needed."""

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from optbench.builtin.networks import ALL
from optbench.builtin.optimizers import ALL as OPTIMIZERS
from optbench.registry.registry import registry
from optbench.training.assembly import assemble

SUITES = Path(__file__).resolve().parents[2] / "suites"


@pytest.fixture(autouse=True)
def _importable(monkeypatch):
    monkeypatch.syspath_prepend(str(SUITES))


def test_every_row_relates_what_its_family_measures():
    from peers import rows

    for name in rows.FAMILIES:
        family = rows.family(name)
        derived = family.derive({maker: [1.0] for maker in family.makers})
        for row in family.rows:
            assert {row.over, row.under} <= {*family.makers, *derived, *family.given}, (name, row)
            assert row.over != row.under


def test_every_network_has_a_row():
    from peers import rows

    modules = [import_module(f"peers.rows.{name}") for name in rows.FAMILIES]
    compared = {type(module.WORK.architecture) for module in modules if hasattr(module, "WORK")}
    assert compared == set(ALL)


def test_every_built_in_optimizer_is_measured_on_each_network():
    from peers.updating.networks import NETWORKS

    from peers import updating

    assert {f"update-{cls.name}-{size}" for cls in OPTIMIZERS for size in NETWORKS} == set(updating.FAMILIES)
    assert {name: case.ours.name for name, case in updating.CASES.items()} == {cls.name: cls.name for cls in OPTIMIZERS}
    for name in updating.FAMILIES:
        family = updating.family(name)
        assert {row.under for row in family.rows} | {"ours"} == set(family.makers)


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_our_update_has_a_new_gradient_each_time(optimizer):
    from peers import updating

    ours = updating.family(f"update-{optimizer}-8k").makers["ours"]()
    seen = [ours.gradients.noise[0] * 0]
    step = type(ours.optimizer).step

    def watched(self, params, grads, state, context):
        seen.append(grads.copy())
        step(self, params, grads, state, context)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(ours.optimizer), "step", watched)
        before = ours.parameters()
        assert ours.run(2) > 0
    assert len(seen) == 3
    assert not np.array_equal(seen[1], seen[2])
    assert not np.array_equal(ours.parameters(), before)


def test_a_ratio_is_of_medians_and_its_spread_of_rounds():
    from peers.timing import Ratio

    ratio = Ratio.of([1.0, 2.0, 30.0], [4.0, 4.0, 10.0])
    assert ratio.value == pytest.approx(0.5)
    assert (ratio.low, ratio.high) == pytest.approx(tuple(np.quantile([0.25, 0.5, 3.0], [0.25, 0.75])))


def test_contenders_take_turns():
    from peers.timing import Contender, interleaved

    calls = []

    class Fake(Contender):
        def __init__(self, name, seconds, granule):
            self.name, self.seconds, self.granule = name, seconds, granule

        def run(self, steps):
            assert steps % self.granule == 0
            calls.append(self.name)
            return steps * self.seconds

    samples = interleaved({"a": Fake("a", 0.01, 1), "b": Fake("b", 0.02, 3)}, rounds=4)
    assert samples == {"a": pytest.approx([0.01] * 4), "b": pytest.approx([0.02] * 4)}
    assert calls[-8:] == ["a", "b", "b", "a", "a", "b", "b", "a"]


def test_the_batches_that_peers_get_are_ours():
    from peers.rows.mlp import WORK

    arrays, problem = WORK.arrays(), WORK.problem()
    for step, index in enumerate(arrays.batches[0, : arrays.steps_per_epoch + 2]):
        problem.next_batch(step)
        assert np.array_equal(problem.graph.x[0, :, :-1], arrays.x[index].reshape(len(index), -1))
        assert np.array_equal(problem.graph.targets[0].argmax(axis=1), arrays.labels[index])
    assert np.array_equal(arrays.start, problem.params)


def test_the_sweep_of_the_cold_row_can_be_trained():
    from peers.sweep import OPTIMIZERS, RATES_EACH, settings
    from peers.trials import digits_trial

    pairs = settings(list(OPTIMIZERS))
    assert len(pairs) == RATES_EACH * len(OPTIMIZERS)
    training = assemble([digits_trial(name, {"lr": rate}, 1, 1) for name, rate in pairs], registry())
    training.step()
    assert [row.message for row in training.rows] == [""] * len(pairs)


def test_a_row_without_its_peer_says_so():
    from peers.table import line

    record = {
        "work": "step", "against": "torch", "reach": 0.1, "at_least": False,
        "status": "not installed", "missing": ["torch"],
    }  # fmt: skip
    assert line(record) == "| step | torch | torch not installed | ≤ 0.1 | |"


def test_a_table_of_updates_has_a_column_a_network():
    from peers.updating.summary import table

    record = {
        "family": "update-adam-235k", "against": "torch Adam, fused", "status": "missed",
        "value": 1.2, "low": 1.1, "high": 1.3, "over": 2e-4,
    }  # fmt: skip
    others = [{**record, "family": "update-sgd-8k", "status": "reached"}, {**record, "status": "failed"}]
    head, _, *rows = table([record, *others[:1]])
    assert head == "| update | against | 8,122 parameters | 235,146 parameters | 995,978 parameters |"
    assert rows == [
        "| sgd | torch Adam, fused | 1.20 (1.10 to 1.30), 200 us |  |  |",
        "| adam | torch Adam, fused |  | **1.20 (1.10 to 1.30), 200 us** |  |",
    ]
    assert table(others[1:])[-1] == "| adam | torch Adam, fused |  | failed |  |"
