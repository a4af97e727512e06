"""A network that is trained to give back its inputs."""

import numpy as np
import pytest

from optbench.contract.errors import OptbenchError
from optbench.registry.registry import registry
from optbench.suite import parse
from optbench.testing import runs_of
from optbench.training.assembly import assemble
from optbench.trials.trial import Trial


def trial(inner, seed=1, **settings):
    workload = {
        "dataset": {"name": "reconstruction", "inner": {"name": inner}},
        "network": {"name": "autoencoder", "hidden": [32], "code": 6},
        "split": {"validation": 0.2, "test": 0.2, "seed": 0},
        "batch_size": 64,
        "dtype": "float32",
        "epochs": 5,
        **settings,
    }
    components = {
        "optimizer": {"name": "adam", "lr": 0.01},
        "schedule": {"name": "constant"},
        "initializer": {"name": "he"},
        "normalizers": [],
        "regularizers": [],
    }
    return Trial(workload, components, seed, providers={})


@pytest.mark.parametrize("loss", [None, "mean_squared_error"])
def test_it_learns_to_give_back_its_inputs(loss):
    (run,) = runs_of(assemble([trial("digits", loss=loss, epochs=20)], registry()))
    first, last = run.measurements[0], run.measurements[-1]
    assert last.validation_loss < 0.9 * first.validation_loss
    assert first.validation_metric < 0.1
    assert 0.4 < last.validation_metric < 1


def test_the_loss_is_the_sum_over_pixels():
    training = assemble([trial("digits")], registry())
    training.problem.params[...] = 0
    training.problem.next_batch(0)
    training.problem.graph.forward()
    assert training.problem.loss(0) == pytest.approx(64 * np.log(2), rel=1e-6)


def test_a_stack_has_the_bits_of_its_rows():
    together = runs_of(assemble([trial("digits", seed) for seed in (1, 2, 3)], registry()))
    for seed, run in zip((1, 2, 3), together, strict=True):
        (alone,) = runs_of(assemble([trial("digits", seed)], registry()))
        assert [m.validation_loss for m in run.measurements] == [m.validation_loss for m in alone.measurements]


def test_cross_entropy_wants_grey_levels():
    with pytest.raises(OptbenchError, match=r"reconstruction: loss .*in \[0, 1\], but features lie in \[0.1, 7.7\]"):
        assemble([trial("iris")], registry())


SUITE = """
title = "T"
[[workloads]]
name = "w"
dataset = {{ name = "reconstruction", inner = "digits" }}
network = "autoencoder"
epochs = 2
{line}
[[candidates]]
name = "adam"
"""


def test_a_suite_knows_its_losses_and_its_metric():
    workload = parse(SUITE.format(line=""), "x.toml", registry()).workloads[0]
    assert (workload.dataset["inner"], workload.loss) == ({"name": "digits"}, "reconstruction_cross_entropy")
    for line, message in (
        ('loss = "binary_cross_entropy"', "does not fit a reconstruction dataset; valid: reconstruction_cross_entropy"),
        ('target = { metric = "validation_accuracy", value = 0.5 }', "no metric 'validation_accuracy'.*validation_r2"),
    ):
        with pytest.raises(OptbenchError, match=message):
            parse(SUITE.format(line=line), "x.toml", registry())


@pytest.mark.slow
def test_a_variational_autoencoder_lowers_its_bound_and_collapses_at_too_high_a_rate():
    """Digits, in nats an image. Where the variables are noise all reconstructions are alike."""

    def ended(lr):
        settings = trial("digits", network={"name": "vae"}, epochs=50)
        settings.components["optimizer"]["lr"] = lr
        (run,) = runs_of(assemble([settings], registry()))
        return run.measurements[-1]

    learnt, collapsed = ended(0.003), ended(0.03)
    assert learnt.validation_loss < 25.5
    assert learnt.validation_metric > 0.35
    assert collapsed.validation_loss > 26.5
    assert abs(collapsed.validation_metric) < 0.05
