"""A small registry of its own: suites are tested without the built-in components."""

from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from optbench.contract.architecture import Architecture
from optbench.contract.components import HiddenNormalizer, Initializer, Optimizer, Penalty, Schedule
from optbench.contract.dataset import Dataset
from optbench.contract.function import Function
from optbench.contract.hookspecs import hookimpl
from optbench.contract.hyperparameters import hyper
from optbench.contract.problem import Problem
from optbench.registry.registry import Registry


@dataclass(frozen=True)
class Sgd(Optimizer):
    name = "sgd"
    lr: float = hyper(0.1, low=1e-4, high=10, scale="log", valid="[0, inf)")


@dataclass(frozen=True)
class Adam(Optimizer):
    name = "adam"
    lr: float = hyper(0.001, low=1e-5, high=1, scale="log", valid="[0, inf)")
    beta1: float = hyper(0.9, low=0.5, high=0.999, scale="log1m", valid="[0, 1)")
    eps: float = hyper(1e-8, valid="(0, inf)", priority=3)
    window: int = hyper(5, low=1, high=20, scale="integer", valid="[1, inf)", priority=3)
    form: str = hyper("inside", choices=["inside", "outside"], scale="choice", priority=3)
    amsgrad: bool = hyper(False)


@dataclass(frozen=True)
class Lookahead(Optimizer):
    name = "lookahead"
    inner: Optimizer = field(default_factory=Sgd)
    steps: int = hyper(5, low=2, high=10, scale="integer", valid="[1, inf)")


@dataclass(frozen=True)
class Fragile(Optimizer):
    name = "fragile"
    low: float = hyper(0.1)
    high: float = hyper(0.2)

    def __post_init__(self):
        super().__post_init__()
        if self.low > 0.5:
            raise RuntimeError("low is too high")


@dataclass(frozen=True)
class Constant(Schedule):
    name = "constant"


@dataclass(frozen=True)
class Inverse(Schedule):
    name = "inverse-time"
    decay: float = hyper(0.1, low=1e-3, high=1, scale="log", valid="[0, inf)")


@dataclass(frozen=True)
class Glorot(Initializer):
    name = "glorot-uniform"


@dataclass(frozen=True)
class Normal(Initializer):
    name = "small-normal"
    std: float = hyper(0.01, low=1e-4, high=1, scale="log", valid="[0, inf)")


@dataclass(frozen=True)
class L2(Penalty):
    name = "l2"
    strength: float = hyper(1e-3, low=1e-6, high=1, scale="log", valid="[0, inf)")


@dataclass(frozen=True)
class BatchNorm(HiddenNormalizer):
    name = "batch-norm"
    momentum: float = hyper(0.9, low=0.5, high=0.99, scale="log1m", valid="[0, 1)")


@dataclass(frozen=True)
class Digits(Dataset):
    name = "digits"
    noise: float = hyper(0.0, valid="[0, 1]")


@dataclass(frozen=True)
class Cancer(Dataset):
    name = "breast-cancer"
    task = "binary"


@dataclass(frozen=True)
class Diabetes(Dataset):
    name = "diabetes"
    task = "regression"


@dataclass(frozen=True)
class Mlp(Architecture):
    name = "mlp"
    hidden: tuple[int, ...] = (64, 32)
    activation: str = "relu"


@dataclass(frozen=True)
class Bandit(Problem):
    name = "bandit"
    metric = "score"
    arms: int = hyper(10, valid="[2, inf)")


@dataclass(frozen=True)
class Bowl(Function):
    name = "bowl"
    start = (1.0, 1.0)
    condition: float = hyper(10.0, valid="[1, inf)")

    def value_and_gradient(self, w, step, rng):
        return float(w @ w), 2 * w


KINDS = {
    "optimizers": [Sgd, Adam, Lookahead, Fragile],
    "schedules": [Constant, Inverse],
    "initializers": [Glorot, Normal],
    "regularizers": [L2],
    "normalizers": [BatchNorm],
    "datasets": [Digits, Cancer, Diabetes],
    "networks": [Mlp],
    "functions": [Bowl],
    "problems": [Bandit],
}


def plugin(kinds):
    """A plugin object with one hook a kind."""
    return SimpleNamespace(
        **{f"optbench_{kind}": hookimpl(_constant(classes)) for kind, classes in kinds.items()}
    )


def _constant(value):
    return lambda: value


@pytest.fixture(scope="session")
def registry():
    found = Registry()
    found.register(plugin(KINDS), "fakes:all", "fakes", "1.2", strict=True)
    assert not found.problems
    return found
