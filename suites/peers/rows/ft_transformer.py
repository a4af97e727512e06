"""A step of a feature tokenizer transformer on a table."""

from optbench.builtin.datasets.mixed_table import MixedTable
from optbench.builtin.networks.ft_transformer import FTTransformer
from peers.rows.base import Family, Row
from peers.rows.makers import jax_jit, ours, torch_fused
from peers.work import Work

WORK = Work(MixedTable(encoding="codes"), FTTransformer(depth=2, width=32, heads=4), batch=64)
TITLE = "step of an FT-transformer, 2 blocks of 32 units, 16 columns of a table, batch 64, Adam"

FAMILY = Family(
    rows=(
        Row(TITLE, "torch eager, Adam fused", 0.65, under="torch fused", needs=("torch",)),
        Row(TITLE, "JAX jit of the whole step", 0.9, under="jax", needs=("jax", "optax")),
    ),
    makers={"ours": ours(WORK), "torch fused": torch_fused(WORK), "jax": jax_jit(WORK)},
    check_steps=lambda: 10,
    # See the row of the transformer.
    tolerance=0.1,
    slot=0.1,
    rounds=31,
)
