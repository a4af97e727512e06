"""A step of the small network of the digits workloads, against everybody."""

from optbench.builtin.datasets.digits import Digits
from optbench.builtin.networks.mlp import MLP
from peers.rows.base import Family, Row
from peers.rows.makers import (
    jax_jit,
    one_epoch,
    ours,
    sklearn_fit,
    sklearn_partial_fit,
    torch_default,
    torch_fused,
)
from peers.work import Work

WORK = Work(Digits(), MLP(hidden=(64, 32)), batch=64)
TITLE = "step, 64-64-32-10, batch 64, Adam"

FAMILY = Family(
    rows=(
        Row(TITLE, "torch eager, Adam default", 0.10, under="torch default", needs=("torch",)),
        Row(TITLE, "torch eager, Adam fused", 0.15, under="torch fused", needs=("torch",)),
        Row(TITLE, "scikit-learn MLPClassifier.fit", 0.12, under="sklearn fit", needs=("sklearn",)),
        Row(TITLE, "scikit-learn partial_fit, a call a step", 0.12, under="sklearn partial_fit", needs=("sklearn",)),
        Row(TITLE, "JAX jit of the whole step", 0.75, under="jax", needs=("jax", "optax")),
    ),
    makers={
        "ours": ours(WORK),
        "torch default": torch_default(WORK),
        "torch fused": torch_fused(WORK),
        "sklearn fit": sklearn_fit(WORK),
        "sklearn partial_fit": sklearn_partial_fit(WORK),
        "jax": jax_jit(WORK),
    },
    # The order of its examples is the peers' for one epoch, when it does not shuffle.
    checkers={"sklearn fit": sklearn_fit(WORK, shuffle=False, epochs=1)},
    check_steps=one_epoch(WORK),
    # Adam's first steps have the size of the rate wherever a gradient is not 0: rounding decides some signs.
    tolerance=0.01,
)
