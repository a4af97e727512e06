"""A step of an LSTM on characters; torch has its own compiled loop over time."""

from optbench.builtin.datasets.text import TextCharacters
from optbench.builtin.networks.recurrent import LSTMNetwork
from peers.rows.base import Family, Row
from peers.rows.makers import jax_jit, ours, torch_fused
from peers.work import Work

WORK = Work(TextCharacters(length=32, vocabulary=64), LSTMNetwork(units=64, embedding=16), batch=32)
TITLE = "step of an LSTM of 64 units on 32 characters of 64, batch 32, Adam"

FAMILY = Family(
    rows=(
        Row(TITLE, "torch eager, Adam fused", 0.80, under="torch fused", needs=("torch",)),
        Row(TITLE, "JAX jit of the whole step", 0.92, under="jax", needs=("jax", "optax")),
    ),
    makers={"ours": ours(WORK), "torch fused": torch_fused(WORK), "jax": jax_jit(WORK)},
    check_steps=lambda: 10,
    # torch trains two biases a gate where there is one here.
    alone=("torch fused",),
    # Adam's first steps have the size of the rate wherever a gradient is not 0: rounding decides some signs.
    tolerance=0.05,
    slot=0.1,
    rounds=31,
)
