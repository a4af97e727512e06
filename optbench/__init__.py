"""optbench: does this initializer, regularizer, optimizer, schedule or normalizer train better, and am I sure?

The names below are the public API. They are imported when they are used: `import optbench` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from optbench.api import load as load
    from optbench.api import run as run
    from optbench.comparison import (
        Comparison as Comparison,
    )
    from optbench.comparison import (
        compare as compare,
    )
    from optbench.components import (
        BatchTransform as BatchTransform,
    )
    from optbench.components import (
        Component as Component,
    )
    from optbench.components import (
        ComponentError as ComponentError,
    )
    from optbench.components import (
        Constraint as Constraint,
    )
    from optbench.components import (
        Context as Context,
    )
    from optbench.components import (
        HiddenNormalizer as HiddenNormalizer,
    )
    from optbench.components import (
        Initializer as Initializer,
    )
    from optbench.components import (
        InputNormalizer as InputNormalizer,
    )
    from optbench.components import (
        LayerRegularizer as LayerRegularizer,
    )
    from optbench.components import (
        Measurement as Measurement,
    )
    from optbench.components import (
        Normalizer as Normalizer,
    )
    from optbench.components import (
        Optimizer as Optimizer,
    )
    from optbench.components import (
        Penalty as Penalty,
    )
    from optbench.components import (
        Progress as Progress,
    )
    from optbench.components import (
        Regularizer as Regularizer,
    )
    from optbench.components import (
        Schedule as Schedule,
    )
    from optbench.components import (
        Stopping as Stopping,
    )
    from optbench.components import (
        hyper as hyper,
    )
    from optbench.datasets.base import Data as Data
    from optbench.datasets.base import Dataset as Dataset
    from optbench.errors import OptbenchError as OptbenchError
    from optbench.functions.base import Function as Function
    from optbench.hookspecs import CONTRACT as CONTRACT
    from optbench.hookspecs import Deferred as Deferred
    from optbench.hookspecs import Unavailable as Unavailable
    from optbench.hookspecs import hookimpl as hookimpl
    from optbench.lab import (
        Fit as Fit,
    )
    from optbench.lab import (
        Model as Model,
    )
    from optbench.lab import (
        fit as fit,
    )
    from optbench.lab import (
        hardmax as hardmax,
    )
    from optbench.lab import (
        minibatches as minibatches,
    )
    from optbench.lab import (
        network as network,
    )
    from optbench.nn.architectures import Architecture as Architecture
    from optbench.reproduction import (
        Reproduction as Reproduction,
    )
    from optbench.reproduction import (
        reproduce as reproduce,
    )
    from optbench.results import Results as Results

_HOME = {
    "optbench.api": ("load", "run"),
    "optbench.comparison": ("Comparison", "compare"),
    "optbench.components": (
        "BatchTransform", "Component", "ComponentError", "Constraint", "Context", "HiddenNormalizer",
        "Initializer", "InputNormalizer", "LayerRegularizer", "Measurement", "Normalizer", "Optimizer",
        "Penalty", "Progress", "Regularizer", "Schedule", "Stopping", "hyper",
    ),
    "optbench.datasets.base": ("Data", "Dataset"),
    "optbench.errors": ("OptbenchError",),
    "optbench.functions.base": ("Function",),
    "optbench.hookspecs": ("CONTRACT", "Deferred", "Unavailable", "hookimpl"),
    "optbench.lab": ("Fit", "Model", "fit", "hardmax", "minibatches", "network"),
    "optbench.nn.architectures": ("Architecture",),
    "optbench.reproduction": ("Reproduction", "reproduce"),
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
