"""A `torch.optim.Optimizer` as an optbench optimizer."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from optbench import ComponentError, Context, Layout, Optimizer, State
from optbench.bridging import field_of
from optbench_torch.library import torch_module
from optbench_torch.overhead import seconds
from optbench_torch.session import Session
from optbench_torch.spec import Spec


class TorchOptimizer(Optimizer):
    """What all bridged optimizers share; `optbench_torch.catalog.component` makes their classes."""

    spec: ClassVar[Spec]
    #: field -> (argument of the constructor, place in it or None)
    places: ClassVar[Mapping[str, tuple[str, int | None]]]

    def arguments(self) -> dict[str, Any]:
        """The constructor's arguments: fields such as beta1 and beta2 put together again."""
        values: dict[str, Any] = {
            name: list(default) if isinstance(default, list) else default
            for name, default in self.spec.settings.items()
        }
        for name, (argument, place) in self.places.items():
            if place is None:
                values[argument] = getattr(self, name)
            else:
                values[argument][place] = getattr(self, name)
        arguments = {k: tuple(v) if isinstance(v, list) else None if v == "none" else v for k, v in values.items()}
        required = {name: getattr(self, field_of(name, TorchOptimizer)) for name in self.spec.required}
        return {**arguments, **required, **self.spec.fixed}

    def session(self, params: np.ndarray, layout: Layout) -> Session:
        # Of users' own classes a field says whether they evaluate further gradients.
        more = {"closure"} if getattr(self, "closure", False) else set()
        return Session(replace(self.spec, flags=self.spec.flags | more), self.make, params, layout)

    def init(self, params: np.ndarray, layout: Layout) -> State:
        return {"torch": self.session(params, layout)}

    def make(self, tensors: Sequence[Any]) -> list[Any]:
        """The foreign optimizers of these tensors: one, but for methods that leave some tensors to another."""
        arguments = self.arguments()
        flags = self.spec.flags
        matrices = [t for t in tensors if t.ndim > 1]
        rest = [t for t in tensors if t.ndim <= 1]
        try:
            if "muon" in flags:
                groups = [{"params": matrices, "use_muon": True}, {"params": rest, "use_muon": False}]
                return [self.spec.cls([g for g in groups if g["params"]], **arguments)]
            if "adamw" in flags:
                rate = arguments.pop("adamw_lr")
                made = [self.spec.cls(matrices, **arguments)] if matrices else []
                decay = arguments["weight_decay"]
                return made + ([torch_module().optim.AdamW(rest, lr=rate, weight_decay=decay)] if rest else [])
            one = self.spec.cls(list(tensors), **arguments)
            if not isinstance(one, torch_module().optim.Optimizer):  # a user's own function
                raise TypeError(f"{self.spec.path} gave {one!r}, which is not a torch.optim.Optimizer")
            return [one]
        except (TypeError, ValueError) as error:
            raise ComponentError(f"optimizer {self.name}: {error}") from error

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        state["torch"].step(params, grads, context)

    def evaluation_params(self, params: np.ndarray, state: State) -> np.ndarray:
        return state["torch"].evaluation_params(params)

    def iterates(self, params: np.ndarray, state: State) -> list[np.ndarray]:
        return [params, *state["torch"].iterates()]

    def save(self, state: State) -> State:
        return state["torch"].save()

    def load(self, saved: State, params: np.ndarray, layout: Layout) -> State:
        session = self.session(params, layout)
        session.load(saved)
        return {"torch": session}

    def bridge_seconds(self, params: np.ndarray, layout: Layout) -> float:
        return seconds(self.spec, params, layout)
