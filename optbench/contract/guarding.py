"""The doors of public functions: what strangers give is checked there, by the names of the arguments.

A room's functions call each other without; what its `__init__` gives to others is `guarded`.
"""

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Literal, ParamSpec, TypeVar, get_args, get_origin

#: takes an argument's name and value; returns the plain value, or raises an `OptbenchError` that names it
Rule = Callable[[str, Any], Any]
P = ParamSpec("P")
R = TypeVar("R")


def guarded(
    function: Callable[P, R],
    rule_of: Callable[[str, inspect.Parameter], Rule | None],
    also: Callable[[Mapping[str, Any]], None] = lambda arguments: None,
) -> Callable[P, R]:
    """The function, which raises one `OptbenchError` that names the argument where one cannot be.

    rule_of  of the function's name and a parameter; None: it is taken as it is
    also     sees all arguments together, by name
    """
    signature = inspect.signature(function)
    rules = {name: rule for name, p in signature.parameters.items() if (rule := rule_of(function.__name__, p))}

    @wraps(function)
    def call(*given: P.args, **named: P.kwargs) -> R:
        bound = signature.bind_partial(*given, **named)  # what is missing the function itself tells
        for name, value in bound.arguments.items():
            optional = value is None and signature.parameters[name].default is None
            if name in rules and not optional:
                bound.arguments[name] = rules[name](name, value)
        also(bound.arguments)
        return function(*bound.args, **bound.kwargs)

    return call


def choices(annotation: Any) -> tuple[str, ...]:
    """The texts of a Literal, of one that may be None, too."""
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    return next((found for one in get_args(annotation) if (found := choices(one))), ())
