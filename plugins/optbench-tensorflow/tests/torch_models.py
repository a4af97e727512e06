"""A torch module and a workload of it, as people write them."""

import optbench_torch
import torch
from torch import nn


def normed(features, outputs, units=12):
    return nn.Sequential(nn.Linear(features, units), nn.BatchNorm1d(units), nn.Tanh(), nn.Linear(units, outputs))


def points():
    x = torch.randn(64, 4, generator=torch.Generator().manual_seed(1))
    return [(part, (part[:, 0] * part[:, 1] > 0).long()) for part in x.split(16)]


def classes():
    return optbench_torch.workload(lambda: normed(4, 2), nn.CrossEntropyLoss(), points())
