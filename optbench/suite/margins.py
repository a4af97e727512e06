"""Margins of equality: below what a difference is of no interest, which a suite states before anything is run."""

from typing import Annotated

from pydantic import Field

from optbench.suite.base import Model


class Margins(Model):
    """See `equal` of a suite.

    time     a share: within 0.05 is a ratio of times between 1 / 1.05 and 1.05
    result   a difference of accuracies or of R^2
    """

    time: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 0.05
    result: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 0.005

    def of(self, metric: str) -> float | None:
        """The margin for a claim about this metric; None where neither fits, as for losses."""
        if metric.endswith("_to_target"):
            return self.time
        return self.result if metric.startswith("final_") and metric.endswith(("_accuracy", "_r2", "_metric")) else None
