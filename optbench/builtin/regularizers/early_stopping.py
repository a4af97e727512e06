"""Early stopping."""

from collections.abc import Sequence
from dataclasses import dataclass

from optbench.contract.components import Stopping
from optbench.contract.context import Measurement
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class EarlyStopping(Stopping):
    """Stops once the validation loss has not been below its best for `patience` evaluations; keeps the best.

    Below means by more than `margin`. A loss that is NaN is never the best.
    """

    name = "early-stopping"
    reference = "Prechelt 1998, Early stopping, but when?"

    patience: int = hyper(
        5, low=2, high=20, scale="integer", valid="[1, inf)", priority=3, help="in evaluations"
    )
    margin: float = hyper(0.0, valid="[0, inf)", priority=3, help="what counts as better")

    def stop(self, history: Sequence[Measurement]) -> bool:
        return len(history) - 1 - self._best(history, self.margin) >= self.patience

    def keep(self, history: Sequence[Measurement]) -> int:
        best = self._best(history, 0.0)
        # Nothing but NaN: the latest is as good as any.
        return best if best >= 0 else len(history) - 1

    @staticmethod
    def _best(history: Sequence[Measurement], margin: float) -> int:
        """The index of the evaluation that was last better than all before it, -1 if none was."""
        index, least = -1, float("inf")
        for i, measured in enumerate(history):
            if measured.validation_loss < least - margin:
                index, least = i, measured.validation_loss
        return index
