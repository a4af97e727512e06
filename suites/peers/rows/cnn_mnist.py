"""A step of the same convolutional network on 28x28 images."""

from optbench.builtin.datasets.mnist_5k import Mnist5k
from optbench.builtin.networks.cnn import CNN
from peers.rows.cnn import steps
from peers.work import Work

WORK = Work(Mnist5k(), CNN(channels=(16, 32)), batch=64)
FAMILY = steps(WORK, "step of a CNN, 28x28 MNIST, 16 and 32 channels, batch 64, Adam", 1.0, slot=0.06, rounds=51)
