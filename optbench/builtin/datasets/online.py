"""Online learning: no example is seen twice."""

from dataclasses import dataclass, replace

import numpy as np

from optbench.builtin.datasets.teacher import TeacherStudent
from optbench.contract.dataset import Data, Dataset, Draw
from optbench.contract.hyperparameters import ComponentError


@dataclass(frozen=True)
class Online(Dataset):
    """Every mini-batch is drawn anew from the law of another dataset, `inner`: one pass over data without end.

    The `samples` of `inner` are split as ever, but nothing is trained on them: the training split is what training loss
    and metric are measured on, what input normalizers are fitted to, and how many examples are drawn at a time. So
    training and validation loss both estimate the expected loss, and there is nothing to learn by heart. What
    examples share (a teacher, a chain of tokens) is that of the split's seed, the draws are each trial's own, by its
    seed: two optimizers with one seed see the same examples.

    The budget is in steps. Where epochs are counted (by schedules, or in tables), one is as many new examples as the
    training split has.
    """

    name = "online"
    source = "Another dataset's law, drawn without end; no licence needed"
    reference = "Saad and Solla 1995, On-line learning in soft committee machines; Bottou and LeCun 2004"
    endless = True
    online = True

    inner: Dataset = TeacherStudent()  # noqa: RUF009 - a frozen component is a value

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.inner.endless:
            raise ComponentError(
                f"dataset online: inner: {self.inner.name} has so many examples and no law that draws more; take one "
                "that is drawn, such as two-moons, teacher-student or zipf-tokens"
            )
        object.__setattr__(self, "task", self.inner.task)

    def load(self, rng: np.random.Generator) -> Data:
        data = self.inner.load(rng)
        return replace(data, provenance={**data.provenance, "source": self.source, "of": self.inner.source})

    def law(self, rng: np.random.Generator) -> Draw:
        return self.inner.law(rng)
