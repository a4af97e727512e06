"""What a plugin may offer: the kinds, and whether a class is a component of one that can be used."""

from collections.abc import Callable
from typing import Any

from optbench.contract.architecture import Architecture
from optbench.contract.components import (
    BatchTransform,
    Component,
    Constraint,
    HiddenNormalizer,
    Initializer,
    InputNormalizer,
    LayerRegularizer,
    Normalizer,
    Optimizer,
    Penalty,
    Regularizer,
    Schedule,
    Stopping,
)
from optbench.contract.dataset import Dataset
from optbench.contract.errors import OptbenchError
from optbench.contract.function import Function
from optbench.contract.hyperparameters import ComponentError, Hyper
from optbench.contract.problem import Problem
from optbench.contract.text import visible
from optbench.registry.faults import one_line

#: plural (hook, command line) -> base class
KINDS: dict[str, type[Component]] = {
    "initializers": Initializer,
    "regularizers": Regularizer,
    "optimizers": Optimizer,
    "schedules": Schedule,
    "normalizers": Normalizer,
    "datasets": Dataset,
    "networks": Architecture,
    "functions": Function,
    "problems": Problem,
}
#: bases that say nothing by themselves: a component subclasses one of those named
ABSTRACT: dict[type, str] = {
    Regularizer: "Penalty, Constraint, LayerRegularizer, BatchTransform or Stopping",
    Normalizer: "InputNormalizer or HiddenNormalizer",
}
CONCRETE = (
    Penalty, Constraint, LayerRegularizer, BatchTransform, Stopping, InputNormalizer, HiddenNormalizer,
)  # fmt: skip
#: what a component of each base must have of its own
REQUIRED: dict[type, str] = {
    Initializer: "draw",
    Penalty: "apply",
    Constraint: "project",
    LayerRegularizer: "layer",
    BatchTransform: "transform",
    Stopping: "stop",
    Optimizer: "step",
    Schedule: "factor",
    InputNormalizer: "fit",
    HiddenNormalizer: "layer",
    Dataset: "load",
    Architecture: "layers",
    Function: "value_and_gradient",
    Problem: "loss_and_gradient",
}


def checked(kind: str, name: str, where: str, make: Callable[[], type[Component]]) -> type[Component]:
    """What `make` gives, if it is a component class of this kind (plural) and name; `where` names it in an error."""
    try:
        component = make()
        check_component(kind, component)
        if component.name != name:
            raise OptbenchError(f"its class has the name {component.name!r}")
    except Exception as error:
        raise OptbenchError(f"{where}: {one_line(error)}") from error
    return component


def kind_of(found: Any) -> str | None:
    """The kind of a component class, in the plural; None where it is no component."""
    if not isinstance(found, type):
        return None
    return next((kind for kind, base in KINDS.items() if issubclass(found, base)), None)


def check_name(kind: str, name: Any, where: str) -> None:
    """Raise `OptbenchError` unless `name` is one that a component may have."""
    if not isinstance(name, str) or not name or not name.isprintable() or any(c.isspace() for c in name):
        raise OptbenchError(
            f"{kind.removesuffix('s')} {visible(where)}: name must be a printable text without blanks, got {name!r}"
        )


def check_component(kind: str, item: Any) -> None:
    """Raise `OptbenchError` unless `item` is a component class of this kind (plural) that can be used."""
    base, singular = KINDS[kind], kind.removesuffix("s")
    if not (isinstance(item, type) and issubclass(item, base)):
        article = "an" if singular[0] in "aeiou" else "a"
        raise OptbenchError(f"optbench_{kind} gave {item!r}, which is not {article} {base.__name__} class")
    if issubclass(item, Function) and base is not Function:
        raise OptbenchError(f"{singular} {item.__name__}: it is a function, which optbench_functions offers")
    if base in ABSTRACT and not issubclass(item, CONCRETE):
        raise OptbenchError(f"{singular} {item.__name__}: subclass {ABSTRACT[base]}")
    check_name(kind, item.name, item.__name__)
    # Its own: a subclass that is not decorated inherits its parent's.
    parameters = vars(item).get("__dataclass_params__")
    if parameters is None or not parameters.frozen:
        raise OptbenchError(f"{singular} {item.name}: {item.__name__} must be a @dataclass(frozen=True)")
    for name, spec in item.hyperparameters().items():
        check_hyper(f"{singular} {item.name}: {name}", spec)


def check_whole(kind: str, item: type[Component]) -> None:
    """Raise `OptbenchError` where a component class lacks the method that makes it one of its kind."""
    for base, method in REQUIRED.items():
        if issubclass(item, base) and getattr(item, method) is getattr(base, method):
            what = f"{kind.removesuffix('s')} {item.name}"
            raise OptbenchError(f"{what}: {item.__name__} has no method {method}, which it must have")


def check_hyper(where: str, spec: Hyper) -> None:
    """Raise `ComponentError` where a declared hyperparameter's range or default makes no sense."""
    spec.check_range(where)
    if spec.scale == "choice" and spec.default not in spec.choices:
        raise ComponentError(f"{where}: the default {spec.default!r} is none of its choices {spec.choices}")
    if spec.valid is not None and isinstance(spec.default, (int, float)) and spec.default not in spec.valid:
        raise ComponentError(f"{where}: the default {spec.default:g} is outside its valid range {spec.valid}")
