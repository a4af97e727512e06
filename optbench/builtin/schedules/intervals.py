"""Epochs counted in whole intervals: the pace of the schedules that are named after epochs."""

from optbench.contract.context import Progress
from optbench.contract.hyperparameters import hyper


def interval() -> int:
    """The setting of how many epochs go by from one change of the rate to the next."""
    return hyper(1, valid="[1, inf)", priority=3, help="epochs from one change to the next")


def delay() -> int:
    """The setting of how many epochs go by before the count starts."""
    return hyper(0, valid="[0, inf)", priority=3, help="epochs before the count starts")


def intervals(progress: Progress, interval: int, delay: int) -> int:
    """floor(max(epoch - delay, 0) / interval), with epoch = 0 during the first."""
    return max(progress.epoch - delay, 0) // interval
