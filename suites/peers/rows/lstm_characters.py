"""A step of an LSTM on characters; torch has its own compiled loop over time."""

from optbench.builtin.datasets.text import TextCharacters
from optbench.builtin.networks.recurrent import LSTMNetwork
from peers.rows.base import Family, Row
from peers.rows.makers import ours, torch_fused
from peers.work import Work

WORK = Work(TextCharacters(length=32, vocabulary=64), LSTMNetwork(units=64, embedding=16), batch=32)
TITLE = "step of an LSTM of 64 units on 32 characters of 64, batch 32, Adam"

FAMILY = Family(
    rows=(Row(TITLE, "torch eager, Adam fused", 0.80, under="torch fused", needs=("torch",)),),
    makers={"ours": ours(WORK), "torch fused": torch_fused(WORK)},
    slot=0.1,
    rounds=31,
)
