"""A small registry and suite of its own: tuning is tested without training anything."""

from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from optbench.contract.architecture import Architecture
from optbench.contract.components import Initializer, InputNormalizer, Optimizer, Penalty, Schedule
from optbench.contract.context import Measurement
from optbench.contract.dataset import Dataset
from optbench.contract.function import Function
from optbench.contract.hookspecs import hookimpl
from optbench.contract.hyperparameters import hyper
from optbench.registry.registry import Registry
from optbench.suite import parse
from optbench.trials.trial import Run


@dataclass(frozen=True)
class Sgd(Optimizer):
    name = "sgd"
    lr: float = hyper(0.1, low=1e-4, high=10, scale="log", valid="[0, inf)")


@dataclass(frozen=True)
class Adam(Optimizer):
    name = "adam"
    beta1: float = hyper(0.9, low=0.5, high=0.999, scale="log1m", valid="[0, 1)")
    lr: float = hyper(0.001, low=1e-5, high=1, scale="log", valid="[0, inf)")
    window: int = hyper(5, low=1, high=3, scale="integer", valid="[1, inf)", priority=3)


@dataclass(frozen=True)
class Lookahead(Optimizer):
    name = "lookahead"
    inner: Optimizer = field(default_factory=Sgd)
    steps: int = hyper(5, low=2, high=10, scale="integer", valid="[1, inf)")


@dataclass(frozen=True)
class Constant(Schedule):
    name = "constant"


@dataclass(frozen=True)
class Inverse(Schedule):
    name = "inverse-time"
    decay: float = hyper(0.1, low=1e-3, high=1, scale="log", valid="[0, inf)", priority=3)


@dataclass(frozen=True)
class Glorot(Initializer):
    name = "glorot-uniform"


@dataclass(frozen=True)
class L2(Penalty):
    name = "l2"
    strength: float = hyper(1e-3, low=1e-6, high=1, scale="log", valid="[0, inf)", priority=3)


@dataclass(frozen=True)
class Standardize(InputNormalizer):
    name = "standardize"


@dataclass(frozen=True)
class Digits(Dataset):
    name = "digits"


@dataclass(frozen=True)
class Mlp(Architecture):
    name = "mlp"
    hidden: tuple[int, ...] = (64, 32)


@dataclass(frozen=True)
class Bowl(Function):
    name = "bowl"
    start = (1.0, 1.0)


KINDS = {
    "optimizers": [Sgd, Adam, Lookahead],
    "schedules": [Constant, Inverse],
    "initializers": [Glorot],
    "regularizers": [L2],
    "normalizers": [Standardize],
    "datasets": [Digits],
    "networks": [Mlp],
    "functions": [Bowl],
}

SUITE = """
title = "T"
seeds = 3
seed = 7

[tuning]
trials = 9

[[workloads]]
name = "digits"
dataset = "digits"
network = "mlp"
normalizer = "standardize"
epochs = 20
target = { metric = "validation_accuracy", value = 0.9 }

[[workloads]]
name = "bowl"
function = "bowl"
steps = 500

[[candidates]]
name = "sgd"
optimizer = "sgd"

[[candidates]]
name = "rate"
optimizer = { name = "adam", search = { lr = { low = 1e-4, high = 10 } } }

[[candidates]]
name = "crossed"
optimizer = { name = "lookahead", inner = { name = "adam", window = 4 } }
schedule = { name = "inverse-time", search = ["decay"] }
regularizer = { name = "l2", search = ["strength"] }
batch_size = { choices = [16, 64, "full"] }

[[candidates]]
name = "fixed"
optimizer = { name = "adam", search = [] }
batch_size = 32
"""


def _constant(value):
    return lambda: value


@pytest.fixture(scope="session")
def registry():
    plugin = SimpleNamespace(
        **{f"optbench_{kind}": hookimpl(_constant(classes)) for kind, classes in KINDS.items()}
    )
    found = Registry()
    found.register(plugin, "fakes:all", "fakes", "1.2", strict=True)
    return found


@pytest.fixture(scope="session")
def suite_of(registry):
    """The suite with other lines in [tuning], and more tables at its end."""

    def make(tuning="trials = 9", more=""):
        return parse(SUITE.replace("trials = 9", tuning) + more, "t.toml", registry)

    return make


@pytest.fixture(scope="session")
def suite(suite_of):
    return suite_of()


@pytest.fixture(scope="session")
def run_of():
    """A run from (step, validation accuracy, validation loss) of its evaluations."""

    def make(*points, outcome="done", kept=-1):
        measurements = tuple(
            Measurement(step, step / 10, step, 0.0, 1.0, loss, accuracy, loss, accuracy, 0.0)
            for step, accuracy, loss in points
        )
        return Run(outcome, measurements, kept)

    return make
