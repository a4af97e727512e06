"""Settings that most optimizers have: scale and valid values are the same for all, default and searched range are not.

Each takes a default, the ends of the range that it is searched in, and a line of help.
"""

from typing import Any

from optbench.contract.hyperparameters import hyper


def rate(default: float, low: float, high: float, help: str = "learning rate") -> Any:
    return hyper(default, low=low, high=high, scale="log", valid="[0, inf)", help=help)


def past(default: float, low: float, high: float, help: str, *, priority: int = 2) -> Any:
    """A beta: the weight of the past in an average, or in a decaying sum."""
    return hyper(default, low=low, high=high, scale="log1m", valid="[0, 1)", priority=priority, help=help)


def epsilon(default: float, low: float, high: float, help: str = "keeps from dividing by 0") -> Any:
    return hyper(default, low=low, high=high, scale="log", valid="(0, inf)", priority=3, help=help)


def weight_decay(default: float, low: float, high: float, help: str = "weight decay, times lr a step") -> Any:
    return hyper(default, low=low, high=high, scale="log", valid="[0, inf)", priority=3, help=help)
