"""A step of the same convolutional network on 28x28 images."""

from optbench.builtin.datasets.mnist_5k import Mnist5k
from optbench.builtin.networks.cnn import CNN
from peers.rows.base import Family, Row
from peers.rows.makers import one_epoch, ours, torch_faster, torch_fused
from peers.work import Work

WORK = Work(Mnist5k(), CNN(channels=(16, 32)), batch=64)
TITLE = "step of a CNN, 28x28 MNIST, 16 and 32 channels, batch 64, Adam"

FAMILY = Family(
    rows=(
        Row(TITLE, "torch eager", 1.0, under="torch", needs=("torch",)),
        Row(TITLE, "torch eager, pooling before relu as we do", 1.0, under="torch pooled first", needs=("torch",)),
    ),
    makers={
        "ours": ours(WORK),
        "torch": torch_faster(WORK, pooled_first=False),
        "torch pooled first": torch_faster(WORK, pooled_first=True),
    },
    checkers={
        "torch": torch_fused(WORK, pooled_first=False),
        "torch pooled first": torch_fused(WORK, pooled_first=True),
    },
    check_steps=one_epoch(WORK),
    slot=0.06,
    rounds=51,
)
