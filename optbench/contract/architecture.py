"""Network kinds: what `network = { kind = "mlp", … }` in a suite names."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from optbench.contract.components import Component, LayerFactory
from optbench.contract.layer import Layer, Shape


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

    def layers(self, shape: Shape, outputs: int, extras: Extras) -> list[Layer]:
        """The layers for inputs of `shape` (no batch axis) that end in `outputs` logits.

        Called once a network. Ask `extras` at each hidden activation, so that normalizers and dropout apply.
        """
        raise NotImplementedError
