"""A step of 32 trials, each with its own weights, batches and rate; ours in stacks of the size that runs make."""

import numpy as np

from optbench.builtin.datasets.digits import Digits
from optbench.builtin.networks.mlp import MLP
from optbench.registry.registry import registry
from optbench.training.assembly import stack_limit
from peers.rows.base import Family, Row
from peers.rows.makers import jax_stack, one_epoch
from peers.timing import Contender
from peers.trials import digits_trial
from peers.work import Ours, Work

TRIALS = 32
WORK = Work(Digits(), MLP(hidden=(64, 32)), batch=64)
RATES = tuple(float(rate) for rate in np.geomspace(1e-4, 1e-2, TRIALS))
TITLE = f"{TRIALS} trials of 64-64-32-10 in stacks, warm, batch 64, Adam"


def ours() -> Contender:
    size = stack_limit(digits_trial("adam", {}, 1, 1), registry())
    rates = list(enumerate(RATES, start=1))
    return Ours(*(WORK.training(dict(rates[first : first + size])) for first in range(0, TRIALS, size)))


FAMILY = Family(
    rows=(Row(TITLE, "JAX vmap + scan", 0.9, under="jax", needs=("jax", "optax")),),
    makers={"ours": ours, "jax": jax_stack(WORK, RATES)},
    unit=f"step of {TRIALS} trials",
    check_steps=one_epoch(WORK),
    slot=0.05,
    rounds=51,
)
