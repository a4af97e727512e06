"""Models with losses and batches of their own, as people write them in their training scripts."""

import models
import optbench_torch
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def points(count, seed):
    x = torch.randn(count, 4, generator=torch.Generator().manual_seed(seed))
    return TensorDataset(x, (x[:, 0] * x[:, 1] > 0).long())


def loaders(batch):
    return {
        "train": DataLoader(points(100, 0), batch, shuffle=True),
        "validation": DataLoader(points(60, 1), 32),
        "test": DataLoader(points(60, 2), 32),
    }


def classes(hidden=12, dropout=0.2, batch=16, first_values="module", precision=""):
    """Batch norm and dropout on points."""

    def model():
        return models.Normed(4, 2, (hidden,), dropout)

    return optbench_torch.workload(
        model, nn.CrossEntropyLoss(), loaders(batch), metric="accuracy", first_values=first_values, precision=precision
    )


def texts():
    """Random texts, the same in every epoch, of whose tokens each third is the sum of the two before."""
    made = torch.Generator().manual_seed(5)
    x = torch.randint(0, 16, (24, 17), generator=made)
    x[:, 2::3] = (x[:, 0:-2:3] + x[:, 1:-1:3]) % 16
    return [{"x": part[:, :-1], "y": part[:, 1:]} for part in x.split(8)]


def language(model, batch):
    return nn.functional.cross_entropy(model(batch["x"]).flatten(0, 1), batch["y"].flatten())


def gpt(width=32, depth=1, dropout=0.1):
    """Any batches, any loss."""
    return optbench_torch.workload(lambda: models.TinyGPT(16, 16, width, 2, depth, dropout), language, texts)


trained = optbench_torch.workload(models.Normed(4, 2), nn.CrossEntropyLoss(), loaders(20), metric="accuracy")


def vector(model, batch):
    return nn.functional.cross_entropy(model(batch[0]), batch[1], reduction="none")


def number(model, batch):
    return vector(model, batch).mean().item()


def nothing():
    return 3


def stepper(params, lr=0.1):
    return torch.optim.SGD(params, lr)
