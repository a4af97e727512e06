"""What a short training reaches at default settings: these numbers change when the arithmetic does.

One seed, so they say nothing about which optimizer is better: that is what suites are for.
"""

from optbench.training.trainer import collect
from optbench.trials.trial import Run

from .common import OPTIMIZERS, training

STEPS = 300
#: the validation accuracy to reach
TARGET = {"digits-mlp": 0.9}

Scores = dict[tuple[str, str], tuple[int, float]]


class Quality:
    """A trial of 300 steps, evaluated every 10."""

    params = [OPTIMIZERS, list(TARGET)]
    param_names = ["optimizer", "network"]
    version = "1"
    timeout = 300

    def setup_cache(self) -> Scores:
        """All trials at once: both benchmarks read them."""
        found: Scores = {}
        for network in TARGET:
            for optimizer in OPTIMIZERS:
                try:
                    (run,) = collect(training(optimizer, network, STEPS))
                except NotImplementedError:
                    continue
                found[optimizer, network] = scores(run, TARGET[network])
        return found

    def setup(self, found: Scores, optimizer: str, network: str) -> None:
        if (optimizer, network) not in found:
            raise NotImplementedError(f"there is no optimizer {optimizer!r}")

    def track_steps_to_target(self, found: Scores, optimizer: str, network: str) -> int:
        """Steps to the target; a miss counts the whole budget."""
        return found[optimizer, network][0]

    track_steps_to_target.unit = "steps"  # type: ignore[attr-defined]

    def track_final_error(self, found: Scores, optimizer: str, network: str) -> float:
        """1 - validation accuracy at the end; 1 where it diverged."""
        return found[optimizer, network][1]

    track_final_error.unit = "share of examples"  # type: ignore[attr-defined]


def scores(run: Run, target: float) -> tuple[int, float]:
    """Steps to the target, and the error at the end."""
    steps = next((m.step for m in run.measurements if m.validation_metric >= target), STEPS)
    return steps, 1 - run.measurements[-1].validation_metric if run.outcome == "done" else 1.0
