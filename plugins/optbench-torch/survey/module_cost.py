"""`python survey/module_cost.py [WORD …]`: a step of a torch module through the bridge beside the loop that one writes.

Processor time of both, in turns of a few steps, as the median of the paired ratios with its quartiles: other work on
the machine then falls on both. The mini-batches are the same; plain torch has them at hand as tensors, gathers by index
as a loop over a DataLoader's sampler would, and steps by torch's optimizer of the same settings.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import models
import optbench_torch
import torch
from torch.nn import functional

from optbench.testing import registry_of, training_of, trial_of

SUITE = """
title = "Cost"
seeds = 2
[tuning]
trials = 2
[[workloads]]
name = "one"
WORKLOAD
steps = 100000
dtype = "float32"
[[candidates]]
name = "sgd"
optimizer = "sgd"
"""
CASES = {
    "ViT, 8x8 digits, 26,000 parameters, batch 64": ("{ name = 'digits' }", "{ kind = 'torch:models:ViT' }", 64),
    "LSTM of 128 units, 32 characters, batch 32": (
        "{ name = 'text-characters' }", "{ kind = 'torch:models:CharLSTM', units = 128 }", 32
    ),
    "GPT of a million parameters, 32 characters, batch 16": (
        "{ name = 'text-characters' }", "{ kind = 'torch:models:TinyGPT', width = 128, depth = 5 }", 16
    ),
    "the same GPT with its own loss and batches": ("", "", 16),
}  # fmt: skip
OPTIMIZERS = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam, "torch/adam": torch.optim.Adam}
ROUNDS = 41


def gpt() -> models.TinyGPT:
    return models.TinyGPT(64, 32, 128, 4, 5)


def batches() -> list[Any]:
    drawn = torch.randint(0, 64, (50, 16, 33), generator=torch.Generator().manual_seed(1))
    return [(part[:, :-1], part[:, 1:]) for part in drawn]


def loss(model: Any, batch: Any) -> Any:
    return functional.cross_entropy(model(batch[0]).flatten(0, 1), batch[1].flatten())


def own() -> Any:
    """The GPT with its own loss and batches, as a problem."""
    return optbench_torch.workload(gpt, loss, batches())


def plain_own(optimizer: Callable[..., Any]) -> Callable[[], None]:
    """A step of the same in torch alone."""
    model, number, drawn = gpt(), 0, batches()
    stepper = optimizer(model.parameters(), lr=1e-4)

    def step() -> None:
        nonlocal number
        stepper.zero_grad()
        loss(model, drawn[number % len(drawn)]).backward()
        stepper.step()
        number += 1

    return step


def plain(training: Any, batch: int, optimizer: Callable[..., Any]) -> Callable[[], None]:
    """The same step in torch alone."""
    layer = training.problem.network.layers[0]
    model = layer.network.make(**layer.own)
    stepper = optimizer(model.parameters(), lr=1e-4)
    x, y = (torch.from_numpy(a.copy()) for a in training.problem.data.examples("train"))
    tokens = layer.inputs.vocabulary
    x = x.long() if tokens else x.permute(0, 3, 1, 2).contiguous()
    y = y.long() if tokens else y.argmax(1)
    order = np.random.default_rng(0).permutation(len(x))
    place = 0

    def step() -> None:
        nonlocal place
        index = torch.from_numpy(order[place : place + batch])
        place = (place + batch) % (len(order) - batch)
        stepper.zero_grad()
        logits, targets = model(x[index]), y[index]
        if tokens:
            logits, targets = logits.flatten(0, 1), targets.flatten()
        functional.cross_entropy(logits, targets, ignore_index=-1).backward()
        stepper.step()

    return step


def seconds(step: Callable[[], Any], count: int) -> float:
    start = time.process_time()
    for _ in range(count):
        step()
    return (time.process_time() - start) / count


def main() -> None:
    registry = registry_of(optbench_torch)
    print(f"torch {torch.__version__}, one thread; milliseconds of processor time, medians of {ROUNDS} pairs")
    wanted = {title: case for title, case in CASES.items() if all(word in title for word in sys.argv[1:])}
    for title, (dataset, network, batch) in wanted.items():
        for name, theirs in OPTIMIZERS.items():
            table = f"dataset = {dataset}\nnetwork = {network}\nbatch_size = {batch}"
            text = SUITE.replace("WORKLOAD", table if dataset else "problem = { name = 'torch:module_cost:own' }")
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "suite.toml"
                path.write_text(text)
                trial = trial_of("one", str(path), optimizer=name, settings={"lr": 1e-4}, plugins=registry)
            training = training_of([trial], registry)
            step = plain(training, batch, theirs) if dataset else plain_own(theirs)
            seconds(training.step, 3)
            count = max(1, round(0.05 / seconds(step, 3)))
            pairs = []
            for number in range(ROUNDS):
                sides = (training.step, step) if number % 2 else (step, training.step)
                took = {side: seconds(side, count) for side in sides}
                pairs.append((took[training.step], took[step]))
            ours, plains = np.array(pairs).T
            low, middle, high = np.quantile(ours / plains, (0.25, 0.5, 0.75))
            print(
                f"{title}, {name}: {1e3 * np.median(ours):.2f} against {1e3 * np.median(plains):.2f}, "
                f"ratio {middle:.3f} (quartiles {low:.3f} to {high:.3f})"
            )


if __name__ == "__main__":
    main()
