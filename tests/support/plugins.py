"""Plugins as their authors write them, made in a test, and registries of them."""

from dataclasses import dataclass
from importlib.metadata import EntryPoint
from types import ModuleType

from optbench.contract.components import Optimizer
from optbench.contract.hookspecs import hookimpl
from optbench.contract.hyperparameters import hyper
from optbench.registry.registry import Registry


@dataclass(frozen=True)
class Good(Optimizer):
    """A fine one."""

    name = "good"
    lr: float = hyper(0.1, low=1e-3, high=1, scale="log", valid="[0, inf)")

    def step(self, params, grads, state, context):
        params -= self.lr * grads


@dataclass(frozen=True)
class Wrapper(Optimizer):
    name = "wrapper"
    inner: Optimizer
    period: int = hyper(5, low=1, high=20, scale="integer", valid="[1, inf)")


def module(name="a_plugin", **attributes):
    """A module object as a plugin's author writes one; functions named optbench_… are marked as hooks."""
    made = ModuleType(name)
    for attribute, value in attributes.items():
        made.__dict__[attribute] = hookimpl(value) if attribute.startswith("optbench_") else value
    return made


def offering(*classes, kind="optimizers", **more):
    return module(**{f"optbench_{kind}": lambda: list(classes)}, **more)


def registered(*plugins):
    """A registry with these plugins, from the distributions first, second, …"""
    registry = Registry()
    for plugin, name in zip(plugins, ("first", "second", "third"), strict=False):
        registry.register(plugin, f"{name}:p", name, "1.0")
    return registry


def only_problem(registry):
    assert len(registry.problems) == 1
    return registry.problems[0]


def entry_point(name, value):
    return EntryPoint(name, value, "optbench")
