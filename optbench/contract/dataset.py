"""What a dataset is: a component that loads arrays, or draws them."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

import numpy as np

from optbench.contract.components import Component

Task = Literal["classification", "binary", "regression", "reconstruction"]
TASKS: tuple[str, ...] = ("classification", "binary", "regression", "reconstruction")
#: those whose y are class numbers
CLASSIFYING: tuple[str, ...] = ("classification", "binary")


@dataclass(frozen=True)
class Data:
    """All examples of a dataset.

    x   (examples, *features), float64; images are (examples, height, width, channels)
    y   class numbers 0, 1, … (examples,), or regression values (examples,) or (examples, outputs)
    """

    x: np.ndarray
    y: np.ndarray
    provenance: dict[str, str] = field(default_factory=dict)


class Dataset(Component):
    """A source of examples. A frozen dataclass, as every component: its fields are settings in a suite."""

    kind = "dataset"
    #: "classification" (softmax), "binary" (one sigmoid output), "regression" (mean squared error) or
    #: "reconstruction": the target is the example itself, and y is not looked at
    task: ClassVar[Task] = "classification"
    #: one line: what it is, where from, under which licence
    source: ClassVar[str] = ""

    def load(self, rng: np.random.Generator) -> Data:
        """The examples, always the same for the same settings and generator. Real data ignore `rng`.

        Called once a process. The caller shuffles, splits and scales.
        """
        raise NotImplementedError
