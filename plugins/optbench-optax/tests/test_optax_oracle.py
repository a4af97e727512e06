"""Our built-ins beside optax: 1,000 steps of the digits network in float64, on the same mini-batches."""

import sys
from pathlib import Path
from runpy import run_path

import optbench_optax
import pytest

from optbench import get
from optbench.testing import trajectory_gap

pytestmark = pytest.mark.oracle

OFFERS = {offer.name: offer for offer in optbench_optax.optbench_optimizers()}
#: the example plugin's, which need not be installed
Lion = run_path(str(Path(__file__).parents[2] / "optbench-lion" / "optbench_lion.py"))["Lion"]
SCHEDULE = {"name": "cosine", "end": 0.1}


def theirs(name, **settings):
    return OFFERS[f"optax/{name}"].make()(**settings)


def put_together(name, **settings):
    """Of optax_parts, by the way that a user's own transformation goes."""
    sys.path.insert(0, str(Path(__file__).parent))
    try:
        made = optbench_optax.optbench_resolvers()["optax"]("optimizers", f"optax:optax_parts:{name}")
    finally:
        del sys.path[0]
    return made(**settings)


CASES = {
    "sgd": (get("sgd", lr=0.1), theirs("sgd", lr=0.1)),
    # An average is 1 - beta times a sum.
    "momentum": (get("momentum", lr=0.1), theirs("sgd", lr=0.1 * (1 - 0.9), momentum=0.9)),
    "heavy-ball": (get("heavy-ball", lr=0.02), theirs("sgd", lr=0.02, momentum=0.9)),
    "nesterov": (get("nesterov", lr=0.02), theirs("sgd", lr=0.02, momentum=0.9, nesterov=True)),
    # optax starts the sum at 0.1 and has eps within the root: with hardly any eps, and from 0, both are the paper's.
    "adagrad": (
        get("adagrad", lr=0.02, eps=1e-30),
        theirs("adagrad", lr=0.02, initial_accumulator_value=0.0, eps=1e-30),
    ),
    "rmsprop": (
        get("rmsprop", lr=0.002, beta=0.95, eps=1e-6),
        theirs("rmsprop", lr=0.002, decay=0.95, eps=1e-6, eps_in_sqrt=False),
    ),
    "rmsprop-inside": (
        get("rmsprop-inside", lr=0.002, beta=0.95, eps=1e-6),
        theirs("rmsprop", lr=0.002, decay=0.95, eps=1e-6),
    ),
    "adadelta": (get("adadelta"), theirs("adadelta")),
    "adam": (get("adam"), theirs("adam")),
    "adamw": (get("adamw", decay=0.1), theirs("adamw", weight_decay=0.1)),
    "adamax": (get("adamax"), theirs("adamax", lr=0.002)),
    # Without the momentum's warm-up of the paper's appendix, which ours has as torch's.
    "nadam": (get("nadam", psi=1e6), theirs("nadam", lr=0.002)),
    # optax adds eps to the corrected root, ours before correcting, as torch: with hardly any, both are the paper's.
    "radam": (get("radam", eps=1e-20), theirs("radam", eps=1e-20)),
    # Weights only are decayed and rescaled; optax's aliases do so with biases, too.
    # At these rates, and not ten times larger ones, rounding errors of 1e-16 do not grow beyond 1e-10.
    "lamb": (get("lamb", lr=0.003), put_together("lamb", lr=0.003)),
    # Without decay: optax divides by |g + decay w|, the paper by |g| + decay |w|.
    "lars": (get("lars", lr=0.01, decay=0.0), put_together("lars", lr=0.01)),
    "clip-norm": (get("clip-norm", inner=get("sgd", lr=0.1), limit=0.5), put_together("clip_norm")),
    "clip-value": (get("clip-value", inner=get("sgd", lr=0.1), limit=0.02), put_together("clip_value")),
    "adabelief": (get("adabelief", eps=1e-12), theirs("adabelief", eps=1e-12, eps_root=1e-12)),
    "lion": (Lion(lr=1e-3), theirs("lion", lr=1e-3, weight_decay=0.0)),
    "schedule-free-sgd": (get("schedule-free-sgd", lr=0.5), theirs("schedule_free_sgd", lr=0.5)),
    "schedule-free-adamw": (get("schedule-free-adamw"), theirs("schedule_free_adamw")),
    "sam": (get("sam", inner=get("sgd", lr=0.1)), theirs("sam", inner=theirs("sgd", lr=0.1))),
}
#: The form is another: how far apart the paths are after 100 steps at least, so that this list stays true.
OTHERWISE = {
    "amsgrad": (get("amsgrad"), theirs("amsgrad"), "the maximum is of v corrected; ours, as torch's, of v"),
    "nadam": (get("nadam"), theirs("nadam", lr=0.002), "no warm-up of the momentum"),
    "radam": (get("radam"), theirs("radam"), "eps is added to the corrected root; ours, as torch's, before"),
    "lamb": (get("lamb"), theirs("lamb", weight_decay=0.01), "biases, too, are decayed and rescaled"),
    # In letters of the past's weight, the paper's factor of the gradients' difference is b2; optax's is 1 - b2.
    "adan": (get("adan"), theirs("adan", weight_decay=0.02, eps_root=0.0), "another factor"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_thousand_steps_are_optaxs(name):
    assert trajectory_gap(*CASES[name], 1000, SCHEDULE) < 1e-10


@pytest.mark.parametrize("name", OTHERWISE)
def test_where_the_form_is_another_the_paths_are(name):
    ours, other, _ = OTHERWISE[name]
    assert trajectory_gap(ours, other, 100, SCHEDULE) > 1e-9
