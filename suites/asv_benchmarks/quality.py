"""What a short training reaches at default settings: these numbers change when the arithmetic does.

One seed, so they say nothing about which optimizer is better: that is what suites are for.
"""

from optbench.trainer import collect

from .common import NETWORKS, OPTIMIZERS, training

STEPS = 300
#: the validation accuracy to reach
TARGET = {"digits-mlp": 0.9, "wide-mlp": 0.75}


class Quality:
    """A trial of 300 steps, evaluated every 10."""

    params = [OPTIMIZERS, list(NETWORKS)]
    param_names = ["optimizer", "network"]
    version = "1"

    def setup(self, optimizer: str, network: str) -> None:
        (self.run,) = collect(training(optimizer, network, STEPS))

    def track_steps_to_target(self, optimizer: str, network: str) -> int:
        """Steps to the target; a miss counts the whole budget."""
        reached = (m.step for m in self.run.measurements if m.validation_metric >= TARGET[network])
        return next(reached, STEPS)

    track_steps_to_target.unit = "steps"  # type: ignore[attr-defined]

    def track_final_error(self, optimizer: str, network: str) -> float:
        """1 - validation accuracy at the end; 1 where it diverged."""
        return 1 - self.run.measurements[-1].validation_metric if self.run.outcome == "done" else 1.0

    track_final_error.unit = "share of examples"  # type: ignore[attr-defined]
