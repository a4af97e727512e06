"""Network kinds: what `network = { kind = "mlp", … }` in a suite names."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from optbench.contract.components import Component, LayerFactory
from optbench.contract.edges import Edges
from optbench.contract.layer import Layer, Shape


@dataclass(frozen=True)
class Inputs:
    """What a network reads, and at how many positions of an example it answers.

    shape        of one example, without the batch axis: (features,), images (height, width, channels), sequences
                 (time, features), or (time,) of tokens; nodes of a graph (nodes, features)
    positions    how many positions of an example have a target; 1: it is the example as a whole that has one
    vocabulary, categories   see `Data`
    edges        of the one graph whose nodes are the positions
    graphs       every example is a graph of its own, (nodes, features + nodes): see `Data`
    """

    shape: Shape
    positions: int = 1
    vocabulary: int = 0
    categories: tuple[int, ...] = ()
    edges: Edges | None = None
    graphs: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "shape", tuple(self.shape))

    @property
    def kind(self) -> str:
        """What is read: "values", "tokens", "categories" (of a table, beside values), one "graph", or many "graphs"."""
        if self.edges is not None or self.graphs:
            return "graphs" if self.graphs else "graph"
        return "tokens" if self.vocabulary else "categories" if self.categories else "values"


@dataclass
class Extras:
    """The layers that a candidate's normalizers and regularizers put into one network.

    It counts the hidden activations as they are asked for, from the first to the last.
    """

    factories: Sequence[LayerFactory] = ()
    _asked: Counter[str] = field(default_factory=Counter, repr=False)

    def before_activation(self, features: Shape) -> list[Layer]:
        """To be placed between a hidden product and its activation (normalizers)."""
        return self._layers("before_activation", features)

    def after_activation(self, features: Shape) -> list[Layer]:
        """To be placed behind a hidden activation (dropout)."""
        return self._layers("after_activation", features)

    def _layers(self, place: str, features: Shape) -> list[Layer]:
        number = self._asked[place]
        self._asked[place] += 1
        return [f.layer_at(features, number) for f in self.factories if f.place == place]


class Architecture(Component):
    """A network kind. A frozen dataclass, as every component: its fields are settings in a suite."""

    kind = "network"
    #: what it can read, see `Inputs.kind`
    reads: ClassVar[tuple[str, ...]] = ("values",)
    #: whether it can answer at each position of an example
    every: ClassVar[bool] = False

    def layers(self, inputs: Inputs, outputs: int, extras: Extras) -> list[Layer]:
        """The layers for these inputs that end in `outputs` logits, for each of `inputs.positions`.

        Called once a network. Ask `extras` at each hidden activation, so that normalizers and dropout apply.
        """
        raise NotImplementedError
