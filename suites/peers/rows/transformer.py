"""A step of a transformer of one small block on characters."""

from optbench.builtin.datasets.text import TextCharacters
from optbench.builtin.networks.transformer import Transformer
from peers.rows.base import Family, Row
from peers.rows.makers import jax_jit, ours, torch_fused
from peers.work import Work

WORK = Work(TextCharacters(length=32, vocabulary=64), Transformer(depth=1, width=32, heads=4), batch=32)
TITLE = "step of a transformer, 1 block of 32 units, 4 heads, 32 characters of 64, batch 32, Adam"

FAMILY = Family(
    rows=(
        Row(TITLE, "torch eager, Adam fused", 0.53, under="torch fused", needs=("torch",)),
        Row(TITLE, "JAX jit of the whole step", 0.88, under="jax", needs=("jax", "optax")),
    ),
    makers={"ours": ours(WORK), "torch fused": torch_fused(WORK), "jax": jax_jit(WORK)},
    check_steps=lambda: 10,
    # Adam's first steps have the size of the rate wherever a gradient is not 0, and that of a key's bias, which is the
    # same to all scores of a query, is rounding alone.
    tolerance=0.1,
    slot=0.1,
    rounds=31,
)
