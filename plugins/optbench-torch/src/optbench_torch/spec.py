"""What the bridge has to know of a foreign class."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from optbench_torch.library import torch_module

#: what a class needs, found by running it beside plain torch (see survey/)
FLAGS = {
    "flat": "elementwise: it sees the whole vector as one tensor",
    "matrix": "it sees kernels as matrices, outputs x (channels x height x width)",
    "copy": "it cannot work on strided memory: parameters and gradients are copied to it and back",
    "fresh": "it keeps gradients: each step gets new ones",
    "random": "it draws from torch's generator, which is the trial's own within each step",
    "numpy": "it draws from NumPy's global generator, which is the trial's own within each step",
    "closure": "it evaluates further gradients",
    "sparse": "it takes sparse gradients: coordinates whose gradient is 0 stay",
    "muon": "its groups say which tensors are matrices",
    "adamw": "it takes matrices only: all other tensors go to torch's AdamW",
}


@dataclass(frozen=True)
class Spec:
    """A foreign class, and how the bridge is to treat it.

    path       "package.module:Class"
    settings   the constructor's arguments that are hyperparameters, with their defaults; tuples as lists
    fixed      arguments that are always given
    flags      see `FLAGS`
    iterates   keys of its state that hold further iterates, which a constraint must project
    required   arguments without a default
    departs    checks of the conformance kit that the foreign class does not pass, and what it does instead
    found      the class itself, where it was given and not named
    """

    path: str
    settings: Mapping[str, Any]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    flags: frozenset[str] = frozenset()
    iterates: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    departs: Mapping[str, str] = field(default_factory=dict)
    found: Any = None

    @property
    def cls(self) -> Any:
        if self.found is not None:
            return self.found
        module, _, name = self.path.partition(":")
        torch_module()
        return getattr(import_module(module), name)
