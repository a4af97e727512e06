"""optbench: does this initializer, regularizer, optimizer, schedule or normalizer train better, and am I sure?

The names below are the public API. They are imported when they are used: `import optbench` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from optbench.api import load as load
    from optbench.api import run as run
    from optbench.contract.architecture import Architecture as Architecture
    from optbench.contract.components import (
        BatchTransform as BatchTransform,
    )
    from optbench.contract.components import (
        Component as Component,
    )
    from optbench.contract.components import (
        ComponentError as ComponentError,
    )
    from optbench.contract.components import (
        Constraint as Constraint,
    )
    from optbench.contract.components import (
        Context as Context,
    )
    from optbench.contract.components import (
        HiddenNormalizer as HiddenNormalizer,
    )
    from optbench.contract.components import (
        Initializer as Initializer,
    )
    from optbench.contract.components import (
        InputNormalizer as InputNormalizer,
    )
    from optbench.contract.components import (
        LayerRegularizer as LayerRegularizer,
    )
    from optbench.contract.components import (
        Measurement as Measurement,
    )
    from optbench.contract.components import (
        Normalizer as Normalizer,
    )
    from optbench.contract.components import (
        Optimizer as Optimizer,
    )
    from optbench.contract.components import (
        Penalty as Penalty,
    )
    from optbench.contract.components import (
        Progress as Progress,
    )
    from optbench.contract.components import (
        Regularizer as Regularizer,
    )
    from optbench.contract.components import (
        Schedule as Schedule,
    )
    from optbench.contract.components import (
        Stopping as Stopping,
    )
    from optbench.contract.components import (
        hyper as hyper,
    )
    from optbench.contract.dataset import Data as Data
    from optbench.contract.dataset import Dataset as Dataset
    from optbench.contract.errors import OptbenchError as OptbenchError
    from optbench.contract.function import Function as Function
    from optbench.contract.hookspecs import CONTRACT as CONTRACT
    from optbench.contract.hookspecs import Deferred as Deferred
    from optbench.contract.hookspecs import Unavailable as Unavailable
    from optbench.contract.hookspecs import hookimpl as hookimpl
    from optbench.lab.lab import (
        Fit as Fit,
    )
    from optbench.lab.lab import (
        Model as Model,
    )
    from optbench.lab.lab import (
        fit as fit,
    )
    from optbench.lab.lab import (
        hardmax as hardmax,
    )
    from optbench.lab.lab import (
        minibatches as minibatches,
    )
    from optbench.lab.lab import (
        network as network,
    )
    from optbench.results.comparison import (
        Comparison as Comparison,
    )
    from optbench.results.comparison import (
        compare as compare,
    )
    from optbench.results.reproduction import (
        Reproduction as Reproduction,
    )
    from optbench.results.reproduction import (
        reproduce as reproduce,
    )
    from optbench.results.results import Results as Results

_HOME = {
    "optbench.api": ("load", "run"),
    "optbench.results.comparison": ("Comparison", "compare"),
    "optbench.contract.components": (
        "BatchTransform", "Component", "ComponentError", "Constraint", "Context", "HiddenNormalizer",
        "Initializer", "InputNormalizer", "LayerRegularizer", "Measurement", "Normalizer", "Optimizer",
        "Penalty", "Progress", "Regularizer", "Schedule", "Stopping", "hyper",
    ),
    "optbench.contract.dataset": ("Data", "Dataset"),
    "optbench.contract.errors": ("OptbenchError",),
    "optbench.contract.function": ("Function",),
    "optbench.contract.hookspecs": ("CONTRACT", "Deferred", "Unavailable", "hookimpl"),
    "optbench.lab.lab": ("Fit", "Model", "fit", "hardmax", "minibatches", "network"),
    "optbench.contract.architecture": ("Architecture",),
    "optbench.results.reproduction": ("Reproduction", "reproduce"),
    "optbench.results.results": ("Results",),
}  # fmt: skip
_WHERE = {name: module for module, names in _HOME.items() for name in names}

__all__ = sorted(_WHERE)


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        return getattr(import_module(_WHERE[name]), name)
    raise AttributeError(f"module 'optbench' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
