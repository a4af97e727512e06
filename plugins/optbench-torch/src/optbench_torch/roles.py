"""What each parameter of a torch module is: its role in the layout, and how its axes lie in the flat vector.

optbench's tensors have inputs first and units last, torch's the other way round. A matrix of torch's is therefore a
transposed view, as BLAS takes it without a copy; Muon, LAMB, max-norm and decay then see what they see elsewhere.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

from optbench import ComponentError, Parameter
from optbench_torch.library import torch_module

#: an attribute of a user's module: {name of a parameter: one of ROLES}, where the rules below are wrong
ATTRIBUTE = "optbench_roles"
ROLES = ("weight", "bias", "scale", "shift", "embedding", "gates", "head")
#: last parts of a product's name whose units are queries, keys and values side by side
TRIPLE = ("qkv", "c_attn", "to_qkv", "in_proj", "query_key_value")
#: parts of the name of a bare parameter that is learned places, or a token of its own
TABLES = ("pos", "embed", "token", "cls")


@dataclass(frozen=True)
class Placed:
    """A parameter of a module.

    name       torch's: "blocks.0.attention.weight"
    asked      what the layout is asked for; its shape is the one in the flat vector
    axes       of the tensor in the flat vector, in the order in which torch has them
    """

    name: str
    asked: Parameter
    axes: tuple[int, ...]

    @property
    def inverse(self) -> tuple[int, ...]:
        """The axes of torch's tensor, in the order in which the flat vector has them."""
        return tuple(sorted(range(len(self.axes)), key=self.axes.__getitem__))


def placed(module: Any, head: Any = None) -> list[Placed]:
    """Every trained parameter of a module once, in torch's order; a tied one is what it is where it comes first.

    head   the part of the module that gives its outputs, where that is known
    """
    own: Mapping[str, str] = getattr(module, ATTRIBUTE, {})
    found = []
    for name, parent, parameter in owned(module):
        shape = tuple(parameter.shape)
        role, part, axes, outputs = _place(name, parent, shape, parent is head)
        if name in own:
            role, part, axes = _told(name, own[name], len(shape), axes)
        lies = tuple(shape[axis] for axis in sorted(range(len(axes)), key=axes.__getitem__))
        units = lies[-1] if lies else 1
        if part == "embedding":
            fan_in = fan_out = units
        else:
            count = outputs or (units // 3 if part == "gates" and units % 3 == 0 else units)
            fan_in, fan_out = (prod(lies[:-1]), prod(lies[:-2]) * count) if len(lies) > 1 else (1, units)
        found.append(Placed(name, Parameter(name, lies, role, fan_in, fan_out, part), axes))
    unknown = set(own) - {p.name for p in found}
    if unknown:
        raise ComponentError(f"{ATTRIBUTE} names {min(unknown)!r}, which is no parameter of {type(module).__name__}")
    return found


def owned(module: Any) -> Iterator[tuple[str, Any, Any]]:
    """(name, the part that it belongs to, parameter), of those that are trained."""
    for name, parameter in module.named_parameters():
        if parameter.requires_grad:
            yield name, module.get_submodule(name.rpartition(".")[0]), parameter


def turned(count: int) -> tuple[int, ...]:
    """(outputs, inputs, *window) of (*window, inputs, outputs)."""
    axes = tuple(range(count))
    return (*axes[:-3:-1], *axes[:-2])


def _place(
    name: str, parent: Any, shape: tuple[int, ...], head: bool
) -> tuple[str, str, tuple[int, ...], int]:
    """(role, part, axes, units of one of several matrices side by side or 0)."""
    nn = torch_module().nn
    leaf, count = name.rpartition(".")[2], len(shape)
    straight = tuple(range(count))
    norms = (nn.modules.batchnorm._NormBase, nn.LayerNorm, nn.GroupNorm, nn.RMSNorm)
    if isinstance(parent, norms):
        return ("scale" if leaf == "weight" else "shift"), "", straight, 0
    if isinstance(parent, (nn.Embedding, nn.EmbeddingBag)):
        return "weight", "embedding", straight, 0
    if "bias" in leaf:
        return "bias", "", straight, 0
    if isinstance(parent, (nn.LSTM, nn.GRU, nn.RNN, nn.LSTMCell, nn.GRUCell, nn.RNNCell)):
        gates = leaf != "weight_hr" and not leaf.startswith("weight_hr_") and shape[0] > parent.hidden_size
        return "weight", "gates" if gates else "", turned(count), parent.hidden_size if gates else 0
    if isinstance(parent, nn.MultiheadAttention) and leaf == "in_proj_weight":
        return "weight", "gates", turned(count), parent.embed_dim
    if isinstance(parent, nn.PReLU) or count == 0:
        return "scale", "", straight, 0
    if count == 1:
        scale = any(word in leaf for word in ("scale", "gamma", "weight", "gain"))
        return ("scale" if scale else "bias"), "", straight, 0
    if isinstance(parent, nn.modules.conv._ConvTransposeNd):
        return "weight", "", (count - 2, count - 1, *straight[:-2]), 0
    if isinstance(parent, (nn.Linear, nn.modules.conv._ConvNd)):
        path = name.split(".")
        if len(path) > 1 and path[-2] in TRIPLE and shape[0] % 3 == 0:
            return "weight", "gates", turned(count), shape[0] // 3
        return "weight", "head" if head else "", turned(count), 0
    if any(word in leaf for word in TABLES):
        return "weight", "embedding", straight, 0
    return "weight", "", turned(count), 0


def _told(name: str, role: str, count: int, axes: tuple[int, ...]) -> tuple[str, str, tuple[int, ...]]:
    if role not in ROLES:
        raise ComponentError(f"{ATTRIBUTE}: {name} = {role!r} is none of {', '.join(ROLES)}")
    if role == "embedding":
        return "weight", role, tuple(range(count))
    if role in ("gates", "head"):
        return "weight", role, axes
    return role, "", axes
