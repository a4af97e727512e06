"""Network kinds: what `network = { kind = "mlp", … }` in a suite names."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from optbench.components import Component, LayerFactory
from optbench.nn.layer import Layer, Shape


@dataclass(frozen=True)
class Extras:
    """The layers that a candidate's normalizers and regularizers put into a network."""

    factories: Sequence[LayerFactory] = field(default=())

    def before_activation(self, features: Shape) -> list[Layer]:
        """To be placed between a hidden product and its activation (normalizers)."""
        return [f.layer(features) for f in self.factories if f.place == "before_activation"]

    def after_activation(self, features: Shape) -> list[Layer]:
        """To be placed behind a hidden activation (dropout)."""
        return [f.layer(features) for f in self.factories if f.place == "after_activation"]


class Architecture(Component):
    """A network kind. A frozen dataclass, as every component: its fields are settings in a suite."""

    kind = "network"

    def layers(self, shape: Shape, outputs: int, extras: Extras) -> list[Layer]:
        """The layers for inputs of `shape` (no batch axis) that end in `outputs` logits.

        Called once a network. Ask `extras` at each hidden activation, so that normalizers and dropout apply.
        """
        raise NotImplementedError
