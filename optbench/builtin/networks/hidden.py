"""What network kinds with hidden layers share."""

from collections.abc import Sequence

from optbench.contract.architecture import Extras, Inputs
from optbench.contract.errors import near
from optbench.contract.hyperparameters import ComponentError
from optbench.contract.layer import Layer
from optbench.nn.activations import ACTIVATIONS
from optbench.nn.category_embedding import CategoryEmbedding
from optbench.nn.dense import Dense


def check_sizes(where: str, sizes: object) -> None:
    """Raise `ComponentError` unless `sizes` is a list of whole numbers above 0."""
    whole = isinstance(sizes, Sequence) and not isinstance(sizes, str)
    if not whole or any(isinstance(n, bool) or not isinstance(n, int) or n < 1 for n in sizes):  # type: ignore[attr-defined]
        raise ComponentError(f"{where} must be a list of whole numbers above 0, got {sizes!r}")


def check_activation(where: str, name: object) -> None:
    if name not in ACTIVATIONS:
        raise ComponentError(f"{where}: there is no activation {name!r}; {near(str(name), ACTIVATIONS)}")


def embedded(inputs: Inputs) -> list[Layer]:
    """What makes vectors of a table's categories; nothing where there are none.

    All have as many units as the column of most categories has by the rule of Howard and Gugger 2020, fastai: a layered
    API for deep learning.
    """
    if not inputs.categories:
        return []
    return [CategoryEmbedding(inputs.categories, min(600, round(1.6 * max(inputs.categories) ** 0.56)))]


def dense_layers(hidden: Sequence[int], activation: str, extras: Extras) -> list[Layer]:
    """For each size: the product, what normalizes it, the activation, and what drops out of it."""
    layers: list[Layer] = []
    for units in hidden:
        layers.append(Dense(units))
        layers += extras.before_activation((units,))
        layers.append(ACTIVATIONS[activation]())
        layers += extras.after_activation((units,))
    return layers
