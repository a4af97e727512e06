"""A model, a loss and batches of a user's own: looked over once, and at work on flat vectors from then on."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from optbench import ComponentError, Layout, Metric, OptbenchError, Tensor
from optbench.bridging import mean_scores, said
from optbench_torch.batches import Batches, examples, moved
from optbench_torch.bound import Bound, first_statistics, first_values
from optbench_torch.chance import default_dtype, seeded
from optbench_torch.library import torch_module
from optbench_torch.roles import placed
from optbench_torch.trying import tried

#: names of a first argument that is the model itself
MODEL = ("model", "module", "net", "network")


@dataclass(frozen=True, eq=False)
class Task:
    """What `optbench_torch.workload` was given (see there), at work; `where` names it in messages.

    Whatever is wrong with it is a `ComponentError`, by the time that `layout` is there.
    """

    where: str
    model: Any
    loss: Callable[..., Any]
    loaders: Mapping[str, Any]
    metric: str = ""
    measure: Callable[..., Any] | None = None
    first_values: str = "module"
    device: str = "cpu"
    precision: str = ""

    # --------------------------------------------------------------------------------------------------- looked over

    @cached_property
    def batches(self) -> dict[str, Batches]:
        return Batches.of_splits(self.where, self.loaders)

    @cached_property
    def module(self) -> Any:
        """The model with its first values of seed 0, or with those that it came with."""
        return self.made(0)

    def made(self, seed: int) -> Any:
        """A new model of this seed; the very one that was given, if it was one."""
        torch = torch_module()
        found = self.model
        if isinstance(found, type) or not isinstance(found, torch.nn.Module):
            try:
                with seeded(seed), default_dtype(torch.float32):
                    found = found()
            except Exception as error:  # whatever the user's constructor does
                raise ComponentError(f"{self.where}: the model cannot be made: {said(error)}") from error
        if not isinstance(found, torch.nn.Module):
            raise ComponentError(f"{self.where}: the model is a {type(found).__name__}, not a torch.nn.Module")
        return found

    @cached_property
    def _tried(self) -> Any:
        module, batch = self.module, self.batches["train"].at(0, 0)
        try:
            known = Metric.of(self.metric) if self.metric else None
        except OptbenchError as error:
            raise ComponentError(f"{self.where}: {error}") from error
        if known is not None and known.name != "accuracy" and self.measure is None:
            raise ComponentError(f"{self.where}: metric = {self.metric!r} needs measure, a function that gives it")
        if self.first_values not in ("module", "suite"):
            raise ComponentError(f"{self.where}: first_values = {self.first_values!r} is neither 'module' nor 'suite'")
        if self.precision not in ("", "bfloat16"):
            raise ComponentError(f"{self.where}: precision = {self.precision!r} is neither '' nor 'bfloat16'")
        dtype = next((p.dtype for p in module.parameters()), torch_module().float32)
        outputs: list[Any] = []
        hook = module.register_forward_hook(lambda part, _, result: outputs.append(result))
        try:
            found = tried(self.where, module, lambda: self.number(module, moved(batch, "cpu", dtype)), outputs)
        except OptbenchError:
            raise
        except Exception as error:  # whatever the user's model and loss do
            raise ComponentError(f"{self.where} fails on the first batch: {said(error)}") from error
        finally:
            hook.remove()
        return found

    @cached_property
    def places(self) -> Any:
        return tuple(placed(self.module, self._tried.head))

    @cached_property
    def changed(self) -> tuple[str, ...]:
        return self._tried.changed

    @cached_property
    def layout(self) -> Layout:
        tensors, offset, layers = [], 0, {}
        for place in self.places:
            asked = place.asked
            layer = layers.setdefault(place.name.rpartition(".")[0], len(layers))
            tensors.append(
                Tensor(asked.name, asked.shape, asked.role, asked.fan_in, asked.fan_out, layer, offset, asked.part)
            )
            offset += tensors[-1].size
        return Layout(tensors)

    # --------------------------------------------------------------------------------------------- losses and metrics

    def number(self, module: Any, batch: Any) -> Any:
        """The loss of a batch, a scalar tensor."""
        loss = applied(self.loss, module, batch, f"{self.where}: the loss")
        torch = torch_module()
        if not isinstance(loss, torch.Tensor) or loss.numel() != 1:
            shape = tuple(loss.shape) if isinstance(loss, torch.Tensor) else f"a {type(loss).__name__}"
            raise ComponentError(f"{self.where}: a loss is one number, such as a mean, but it gives {shape}")
        return loss.reshape(())

    def first_vector(self, seed: int) -> np.ndarray:
        values = first_values(self.made(seed), self.places)
        return np.concatenate([values[place.name].reshape(-1) for place in self.places])

    def first_statistics(self) -> dict[str, np.ndarray]:
        return first_statistics(self.module, self.changed)

    def bound(self, dtype: np.dtype, backward: bool) -> Bound:
        """The module on vectors of this dtype: one for training, one for evaluation."""
        key = (dtype, backward)
        if key not in self._bounds:
            params = np.zeros(self.layout.size, dtype)
            statistics = {name: np.array(a, dtype) for name, a in self.first_statistics().items()}
            grads = np.zeros_like(params) if backward else None
            self._bounds[key] = Bound(
                self.module, self.places, params, grads, statistics, self.device, self.precision
            )
        return self._bounds[key]

    @cached_property
    def _bounds(self) -> dict[Any, Bound]:
        return {}

    def passed(self, bound: Bound, batch: Any, seed: int, training: bool) -> Any:
        """The loss of a batch in one pass; `training` changes the bound's statistics."""
        batch = moved(batch, bound.device, bound.dtype)
        with bound.passing(training, training, seed) as module:
            return self.number(module, batch)

    def scores(self, bound: Bound, split: str) -> tuple[float, float]:
        """Mean loss and metric of a split's batches, each counted by its examples; NaN where there is no such split."""

        def score(batch: Any) -> tuple[int, float, float]:
            batch = moved(batch, bound.device, bound.dtype)
            with bound.passing(False, False, 0) as module:
                loss = float(self.number(module, batch))
                return examples(batch), loss, self._measured(module, batch) if self.metric else float("nan")

        return mean_scores(self.batches, split, score)

    def _measured(self, module: Any, batch: Any) -> float:
        return float(applied(self.measure or accuracy, module, batch, f"{self.where}: measure"))


def applied(function: Callable[..., Any], module: Any, batch: Any, where: str) -> Any:
    """function(model, batch), or function(outputs, targets) of a batch (inputs, targets): its first argument says."""
    torch = torch_module()
    names = () if isinstance(function, torch.nn.Module) else tuple(inspect.signature(function).parameters)
    if names and names[0] in MODEL:
        return function(module, batch)
    if not isinstance(batch, (tuple, list)) or len(batch) != 2:
        raise ComponentError(
            f"{where} takes outputs and targets, but batches are no pairs (inputs, targets); call its first argument "
            "model, and it is given the model and the batch"
        )
    return function(module(batch[0]), batch[1])


def accuracy(outputs: Any, targets: Any) -> float:
    """The share of the targets (class numbers, none below 0) that have the greatest output."""
    counted = targets >= 0
    return float((outputs.argmax(-1) == targets)[counted].double().mean())
