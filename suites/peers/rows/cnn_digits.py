"""A step of a small convolutional network on 8x8 images."""

from optbench.builtin.datasets.digits import Digits
from optbench.builtin.networks.cnn import CNN
from peers.rows.cnn import steps
from peers.work import Work

WORK = Work(Digits(), CNN(channels=(16, 32)), batch=64)
FAMILY = steps(WORK, "step of a CNN, 8x8 digits, 16 and 32 channels, batch 64, Adam", 0.8, slot=0.03)
