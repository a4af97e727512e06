"""A module on two examples, before anything is trained: what it gives, what has a gradient, what changes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from optbench import ComponentError
from optbench_torch.chance import seeded
from optbench_torch.library import torch_module
from optbench_torch.roles import owned


@dataclass(frozen=True)
class Tried:
    """What one pass in training showed.

    given     what `call` gave
    head      the part of the module that gave the outputs, if that is one with weights; else None
    changed   names of buffers that a pass changes: running statistics
    """

    given: Any
    head: Any
    changed: tuple[str, ...]


def tried(where: str, module: Any, call: Callable[[], Any], outputs: Sequence[Any] = ()) -> Tried:
    """One pass forward and back of `call`, which uses the module and gives a tensor; everything is as before then.

    where     names the module in a message
    outputs   filled by `call` with what the module gave, where it gives a loss itself
    Raises `ComponentError` for a module that cannot be trained.
    """
    torch = torch_module()
    parameters = [(name, p) for name, _, p in owned(module)]
    if not parameters:
        raise ComponentError(f"{where} has no parameters to train")
    before = {name: (b, b.clone()) for name, b in module.named_buffers()}
    gave: list[tuple[Any, Any]] = []
    hooks = [
        part.register_forward_hook(lambda part, _, result: gave.append((part, result)))
        for part in module.modules()
        if isinstance(getattr(part, "weight", None), torch.nn.Parameter) and part.weight.ndim > 1
    ]
    try:
        module.train()
        with seeded(0), torch.enable_grad():
            given = call()
            result = given if given.ndim == 0 else given.float().square().mean()
            if result.requires_grad:
                result.backward()
        _check(where, parameters)
    finally:
        for hook in hooks:
            hook.remove()
        module.zero_grad(set_to_none=True)
    # By their values: batch norm tells torch of no change.
    changed = tuple(n for n, b in module.named_buffers() if b is not before[n][0] or not torch.equal(b, before[n][1]))
    for name in changed:
        parent, _, leaf = name.rpartition(".")
        was, value = before[name]
        module.get_submodule(parent)._buffers[leaf] = was
        was.copy_(value)
    return Tried(given, _giver(gave, outputs[-1] if outputs else given), changed)


def _check(where: str, parameters: list[tuple[str, Any]]) -> None:
    torch = torch_module()
    if all(p.grad is None for _, p in parameters):
        raise ComponentError(f"{where}: no parameter has a gradient; does it detach its outputs?")
    for name, p in parameters:
        if p.grad is None:
            continue
        if p.grad.layout != torch.strided:
            raise ComponentError(
                f"{where}: the gradient of {name} is sparse, but optimizers here see dense ones; make it without "
                "sparse=True"
            )
        if not torch.isfinite(p.grad).all():
            raise ComponentError(f"{where}: the gradient of {name} is not finite at its first parameters")


def _giver(gave: list[tuple[Any, Any]], given: Any) -> Any:
    torch = torch_module()
    if not isinstance(given, torch.Tensor):
        return None
    place = given.untyped_storage().data_ptr()
    same = [p for p, r in gave if isinstance(r, torch.Tensor) and r.untyped_storage().data_ptr() == place]
    return same[-1] if same else None
