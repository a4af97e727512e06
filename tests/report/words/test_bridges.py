"""What bridges take: one figure a candidate, a range a library, shares where the cost of a step is known."""

import pandas as pd

from optbench.report.words.bridges import note, toll_of, tolls

BRIDGES = {
    "a": {
        "torch/adam": {"library": "torch 2.13.0", "seconds": 18e-6},
        "torch/lbfgs": {"library": "torch 2.13.0", "seconds": 74e-6},
        "optax/adam": {"library": "optax 0.2.8, jax 0.10.2", "seconds": 150e-6},
    },
    "b": {"torch/adam": {"library": "torch 2.13.0", "seconds": 24e-6}},
}
COSTS = pd.DataFrame(
    {
        "workload": ["a", "b", "a"],
        "candidate": ["torch/adam", "torch/adam", "optax/adam"],
        "seconds_per_step": [1e-4, 2e-4, 3e-4],
    }
)


def test_a_candidates_toll_is_over_its_workloads():
    assert str(toll_of(BRIDGES, "torch/adam", COSTS)) == "18 to 24 µs of each step, 12 to 18 % of its time"
    assert str(toll_of(BRIDGES, "torch/lbfgs", COSTS)) == "74 µs of each step"
    assert toll_of(BRIDGES, "adam", COSTS) is None


def test_libraries_are_not_mixed():
    """A range over all would say that torch takes 150 us."""
    found = tolls(BRIDGES, ["adam", "optax/adam", "torch/adam", "torch/lbfgs"], COSTS)
    assert [(t.library, t.candidates, str(t)) for t in found] == [
        ("optax", ["optax/adam"], "150 µs of each step, 50 % of its time"),
        ("torch", ["torch/adam", "torch/lbfgs"], "18 to 74 µs of each step, 12 to 18 % of its time"),
    ]
    assert "to optax 150 µs of each step, 50 % of its time; to torch 18 to 74" in note(found)
    assert note([]) == ""
