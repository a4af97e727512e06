"""What a dataset is: a component that loads arrays, or draws them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar, Literal

import numpy as np

from optbench.contract.components import Component

Task = Literal["classification", "binary", "regression", "reconstruction", "sequence", "nodes"]
#: losses by task, the default first
LOSSES_OF: dict[str, tuple[str, ...]] = {
    "classification": ("softmax_cross_entropy", "binary_cross_entropy", "mean_squared_error"),
    "binary": ("binary_cross_entropy", "mean_squared_error"),
    "regression": ("mean_squared_error",),
    "reconstruction": ("reconstruction_cross_entropy", "mean_squared_error"),
    "sequence": ("sequence_cross_entropy",),
    "nodes": ("sequence_cross_entropy",),
}
TASKS: tuple[str, ...] = tuple(LOSSES_OF)
METRIC_OF: dict[str, str] = dict.fromkeys(TASKS, "accuracy") | {"regression": "r2", "reconstruction": "r2"}
#: in a sequence's y: this position has no target
UNCOUNTED = -1
#: those whose y are class numbers
CLASSIFYING: tuple[str, ...] = ("classification", "binary", "nodes")
#: those with a class at each position of an example
POSITIONED: tuple[str, ...] = ("sequence", "nodes")


@dataclass(frozen=True)
class Data:
    """All examples of a dataset.

    x   (examples, *features), float64; images are (examples, height, width, channels), sequences
        (examples, time, features) or, of tokens, (examples, time)
    y   class numbers 0, 1, … (examples,), or regression values (examples,) or (examples, outputs); of sequences the
        class number at each position (examples, positions), UNCOUNTED where none is asked for
        Of one graph (task "nodes") the examples are its nodes: x (nodes, features), y (nodes,).
        Of many graphs x is (examples, nodes, features + nodes): behind a node's features its row of the adjacency
        matrix, 1 where an edge is
    vocabulary   where x holds tokens, class numbers 0, 1, …: how many there are; 0: x holds values
    categories   of a table: how many categories each of its first columns has; these hold class numbers 0, 1, …
    edges        of one graph: (edges, 2) numbers of the nodes that each joins, in either order
    graphs       whether each example is a graph of its own
    """

    x: np.ndarray
    y: np.ndarray
    provenance: dict[str, str] = field(default_factory=dict)
    vocabulary: int = 0
    categories: tuple[int, ...] = ()
    edges: np.ndarray | None = None
    graphs: bool = False


#: so many new examples, x and y as in `Data`, from this generator
Draw = Callable[[np.random.Generator, int], tuple[np.ndarray, np.ndarray]]


class Dataset(Component):
    """A source of examples. A frozen dataclass, as every component: its fields are settings in a suite."""

    kind = "dataset"
    #: "classification" (softmax), "binary" (one sigmoid output), "regression" (mean squared error),
    #: "reconstruction": the target is the example itself, and y is not looked at; "sequence": a class at each
    #: position (softmax), as in language models; or "nodes": a class at each node of one graph (softmax), of which
    #: some are for training and the others for validation and test
    task: ClassVar[Task] = "classification"
    #: one line: what it is, where from, under which licence
    source: ClassVar[str] = ""
    #: whether `law` draws new examples without end
    endless: ClassVar[bool] = False
    #: trained on new examples of `law` in every mini-batch; those of `load` are for evaluation
    online: ClassVar[bool] = False

    def load(self, rng: np.random.Generator) -> Data:
        """The examples, always the same for the same settings and generator. Real data ignore `rng`.

        Called once a process. The caller shuffles, splits and scales.
        """
        raise NotImplementedError

    def law(self, rng: np.random.Generator) -> Draw:
        """What draws new examples, of the kind of those that `load` gives for the same generator.

        What all examples share (the centres of classes, a teacher's weights) comes from `rng`; the function that is
        returned draws the rest from the generator that it is given. For datasets that are `endless`.
        """
        raise NotImplementedError
