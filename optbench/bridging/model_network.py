"""A model of another library as a network kind: what all bridges to such share.

A class or function of a user's becomes a kind, whose settings are its arguments, but for those that the data say.
"""

import inspect
from collections.abc import Collection, Mapping
from dataclasses import MISSING, make_dataclass
from typing import Any, ClassVar

from optbench.bridging.signatures import field_of, settings_of
from optbench.contract.architecture import Architecture, Extras, Inputs
from optbench.contract.hyperparameters import ComponentError
from optbench.contract.layer import Shape

#: arguments without a default that a workload's data say
FROM_DATA = ("shape", "channels", "features", "outputs", "positions", "length", "vocabulary")


class ModelNetwork(Architecture):
    """A whole model as one layer; a bridge's own class makes that in `layers`.

    Arguments that have one of these names and no default are asked of the data: `shape` of one example as the library
    has it, `channels` of images, `features` of an example or of each time of a sequence, `outputs` (logits: classes,
    or values of a regression), `positions` of an example that have a target, `length` (times of a sequence),
    `vocabulary` (how many tokens there are).
    """

    reads = ("values", "tokens")
    every = True
    #: what such a model is called in messages
    what: ClassVar[str]
    make: ClassVar[Any]
    path: ClassVar[str]
    #: field -> argument of the class or function
    given: ClassVar[Mapping[str, str]]
    asked: ClassVar[tuple[str, ...]]

    @classmethod
    def seen(cls, shape: Shape) -> Shape:
        """The shape of one example as the library has it, from ours."""
        return shape

    @classmethod
    def option(cls, name: str) -> str:
        """The field of one of the bridge's own settings."""
        return f"{name}_" if name in cls.given else name

    def refuse(self, extras: Extras) -> None:
        """A whole model has no place for a candidate's layers."""
        if extras.factories:
            raise ComponentError(
                f"network {self.name} takes no hidden normalizers and no dropout: its layers are the {self.what}'s "
                "own; let candidates have none on this workload"
            )

    def arguments(self, inputs: Inputs, outputs: int) -> dict[str, Any]:
        """Those of the class or function, for these data."""
        shape = inputs.shape
        known = {
            "shape": self.seen(shape),
            "channels": shape[2] if len(shape) == 3 else None,
            "features": None if inputs.vocabulary or len(shape) > 2 else shape[-1],
            "outputs": outputs,
            "positions": inputs.positions,
            "length": shape[0] if inputs.vocabulary or len(shape) == 2 else None,
            "vocabulary": inputs.vocabulary or None,
        }
        for name in self.asked:
            if known[name] is None:
                raise ComponentError(
                    f"network {self.name} asks for {name}, which data of shape {self.seen(shape)} do not have"
                )
        given = {argument: getattr(self, field) for field, argument in self.given.items()}
        return {**given, **{name: known[name] for name in self.asked}}

    @classmethod
    def by_path(cls, name: str, path: str, found: Any, bridge: str, own: Collection[tuple[str, type, Any]]) -> Any:
        """The component class of a user's class or function.

        own   (name, type, field) of the bridge's own settings
        """
        settings = settings_of(found)
        asked = tuple(a for a, _, field in settings if a in FROM_DATA and field.default is MISSING)
        given = {field_of(a, cls): a for a, _, _ in settings if a not in asked}
        fields = [(field_of(a, cls), *rest) for a, *rest in settings if a not in asked]
        fields += [(f"{option}_" if option in given else option, *rest) for option, *rest in own]
        summary = (inspect.getdoc(found) or path).partition("\n")[0]
        namespace = {
            "__doc__": f"{summary}\n\n{path.replace(':', '.')}, a {cls.what} ({bridge}).",
            "__module__": cls.__module__,
            "name": name,
            "reference": path,
            "bridge": bridge,
            "make": staticmethod(found),
            "path": path,
            "given": given,
            "asked": asked,
        }
        called = path.rpartition(":")[2].replace(".", "_")
        return make_dataclass(called, fields, bases=(cls,), frozen=True, kw_only=True, namespace=namespace)
