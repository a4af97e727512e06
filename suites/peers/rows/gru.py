"""A step of a GRU of 64 units that reads images row by row; torch has its own compiled loop over time."""

from optbench.builtin.datasets.mnist_5k import Mnist5k
from optbench.builtin.networks.recurrent import GRUNetwork
from peers.rows.base import Family, Row
from peers.rows.makers import ours, torch_fused
from peers.work import Work

WORK = Work(Mnist5k(), GRUNetwork(units=64), batch=64)
TITLE = "step of a GRU of 64 units on the 28 rows of MNIST, batch 64, Adam"

FAMILY = Family(
    rows=(Row(TITLE, "torch eager, Adam fused", 0.50, under="torch fused", needs=("torch",)),),
    makers={"ours": ours(WORK), "torch fused": torch_fused(WORK)},
    slot=0.05,
    rounds=51,
)
