"""Our built-ins beside Keras: 1,000 steps of the digits network in float64, on the same mini-batches."""

from pathlib import Path
from runpy import run_path

import numpy as np
import optbench_tensorflow
import pytest

from optbench import Context, Layout, get
from optbench.testing import trajectory_gap

pytestmark = pytest.mark.oracle

#: the example plugin's, which need not be installed
Lion = run_path(str(Path(__file__).parents[2] / "optbench-lion" / "optbench_lion.py"))["Lion"]
#: Keras adds epsilon before v is corrected: with hardly any, both are the paper's.
TINY = 1e-20


def theirs(name, **settings):
    return optbench_tensorflow.optimizer(name)(**settings)


#: At constant rates: Keras's momentum holds the rate, so that under a schedule it is another method.
CASES = {
    "sgd": (get("sgd", lr=0.1), theirs("sgd", lr=0.1)),
    # An average is 1 - beta times a sum.
    "momentum": (get("momentum", lr=0.1), theirs("sgd", lr=0.1 * (1 - 0.9), momentum=0.9)),
    "heavy-ball": (get("heavy-ball", lr=0.02), theirs("sgd", lr=0.02, momentum=0.9)),
    "nesterov": (get("nesterov", lr=0.02), theirs("sgd", lr=0.02, momentum=0.9, nesterov=True)),
    "adagrad": (
        get("adagrad", lr=0.02, eps=1e-30),
        theirs("adagrad", lr=0.02, initial_accumulator_value=0.0, epsilon=1e-30),
    ),
    "rmsprop-inside": (
        get("rmsprop-inside", lr=0.002, beta=0.95, eps=1e-6),
        theirs("rmsprop", lr=0.002, rho=0.95, epsilon=1e-6),
    ),
    "adadelta": (get("adadelta"), theirs("adadelta", lr=1.0, rho=0.9, epsilon=1e-6)),
    "adam": (get("adam", eps=TINY), theirs("adam", epsilon=TINY)),
    "adamw": (get("adamw", decay=0.1, eps=TINY), theirs("adamw", weight_decay=0.1, epsilon=TINY)),
    "amsgrad": (get("amsgrad", eps=TINY), theirs("adam", amsgrad=True, epsilon=TINY)),
    "adamax": (get("adamax", eps=TINY), theirs("adamax", lr=0.002, epsilon=TINY)),
    "lion": (Lion(lr=1e-3), theirs("lion", lr=1e-3)),
    "adafactor": (get("adafactor"), theirs("adafactor", lr=0.01)),
}
#: The form is another: how far apart the paths are after 100 steps at least and at most.
OTHERWISE = {
    # The same but for a constant 0.96 that Keras has in float32 only.
    "nadam": (get("nadam", psi=1.0), theirs("nadam", lr=0.002, epsilon=1e-8), 1e-10, 1e-6),
    "lamb": (get("lamb", decay=0.0), theirs("lamb", lr=0.01, epsilon=1e-6), 1e-3, 10),
    "schedule-free-adamw": (get("schedule-free-adamw"), theirs("schedulefreeadamw"), 1e-4, 1),
}


@pytest.mark.parametrize("name", CASES)
def test_a_thousand_steps_are_kerass(name):
    assert trajectory_gap(*CASES[name]) < 1e-10


@pytest.mark.parametrize("name", OTHERWISE)
def test_where_the_form_is_another_the_paths_are(name):
    ours, other, least, most = OTHERWISE[name]
    assert least < trajectory_gap(ours, other, 100) < most


def test_schedule_free_takes_the_new_z_for_the_old():
    """Keras 3.15 on TensorFlow keeps a reference to z where it means z's old value."""
    rng = np.random.default_rng(0)
    start, gradients = rng.normal(size=3), rng.normal(size=(6, 3))
    optimizer, layout = theirs("schedulefreeadamw"), Layout.of({"w": (3,)})
    params, paths = start.copy(), {}
    state = optimizer.init(params, layout)
    for g in gradients:
        optimizer.step(params, g.copy(), state, Context(layout))
    for new in (False, True):
        y, z, v = start.copy(), start.copy(), np.zeros(3)
        for t, g in enumerate(gradients, 1):
            before = z.copy()
            v = 0.999 * v + 0.001 * g * g
            z = z - 0.0025 * g / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
            x = (y - 0.1 * (z if new else before)) / 0.9
            x = (1 - 1 / t) * x + z / t
            y = 0.1 * z + 0.9 * x
        paths[new] = y
    np.testing.assert_allclose(params, paths[True], rtol=1e-12)
    assert np.abs(params - paths[False]).max() > 1e-5
