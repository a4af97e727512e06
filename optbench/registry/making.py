"""A component from its class and settings."""

import inspect
from collections.abc import Mapping
from functools import cache
from typing import Any

from optbench.contract.components import Component
from optbench.contract.errors import OptbenchError, near
from optbench.contract.hyperparameters import ComponentError
from optbench.registry.faults import one_line


@cache
def signature_of(component: Any) -> inspect.Signature:
    """Inspecting takes longer than making, and a run makes the same classes for every trial."""
    return inspect.signature(component)


def build(component: type[Component], settings: Mapping[str, Any]) -> Any:
    """Make a component; an unknown or missing setting is an error with near names."""
    signature = signature_of(component)  # type: ignore[arg-type]  # classes are hashable
    for name in settings:
        if name not in signature.parameters:
            raise ComponentError(
                f"{component.kind} {component.name}: there is no setting {name!r}; "
                + near(name, signature.parameters)
            )
    missing = [
        p.name
        for p in signature.parameters.values()
        if p.default is inspect.Parameter.empty and p.name not in settings
    ]
    if missing:
        raise ComponentError(f"{component.kind} {component.name}: the setting {missing[0]!r} is missing")
    try:
        return component(**settings)
    except OptbenchError:
        raise
    except Exception as error:  # a plugin's own check of its settings
        raise ComponentError(f"{component.kind} {component.name}: {one_line(error)}") from error
