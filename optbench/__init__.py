"""optbench: does this initializer, regularizer, optimizer, schedule or normalizer train better, and am I sure?

The names below are the public API. They are imported when they are used: `import optbench` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from optbench.api import load as load, run as run
    from optbench.components import (
        BatchTransform as BatchTransform,
        Component as Component,
        ComponentError as ComponentError,
        Constraint as Constraint,
        Context as Context,
        HiddenNormalizer as HiddenNormalizer,
        Initializer as Initializer,
        InputNormalizer as InputNormalizer,
        LayerRegularizer as LayerRegularizer,
        Measurement as Measurement,
        Normalizer as Normalizer,
        Optimizer as Optimizer,
        Penalty as Penalty,
        Progress as Progress,
        Regularizer as Regularizer,
        Schedule as Schedule,
        Stopping as Stopping,
        hyper as hyper,
    )
    from optbench.datasets.base import Data as Data, Dataset as Dataset
    from optbench.errors import OptbenchError as OptbenchError
    from optbench.functions.base import Function as Function
    from optbench.hookspecs import CONTRACT as CONTRACT, hookimpl as hookimpl
    from optbench.lab import (
        Fit as Fit,
        Model as Model,
        fit as fit,
        hardmax as hardmax,
        minibatches as minibatches,
        network as network,
    )
    from optbench.nn.architectures import Architecture as Architecture
    from optbench.results import Results as Results

_HOME = {
    "optbench.api": ("load", "run"),
    "optbench.components": (
        "BatchTransform", "Component", "ComponentError", "Constraint", "Context", "HiddenNormalizer",
        "Initializer", "InputNormalizer", "LayerRegularizer", "Measurement", "Normalizer", "Optimizer",
        "Penalty", "Progress", "Regularizer", "Schedule", "Stopping", "hyper",
    ),
    "optbench.datasets.base": ("Data", "Dataset"),
    "optbench.errors": ("OptbenchError",),
    "optbench.functions.base": ("Function",),
    "optbench.hookspecs": ("CONTRACT", "hookimpl"),
    "optbench.lab": ("Fit", "Model", "fit", "hardmax", "minibatches", "network"),
    "optbench.nn.architectures": ("Architecture",),
    "optbench.results": ("Results",),
}  # fmt: skip
_WHERE = {name: module for module, names in _HOME.items() for name in names}

__all__ = sorted(_WHERE)


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        return getattr(import_module(_WHERE[name]), name)
    raise AttributeError(f"module 'optbench' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
