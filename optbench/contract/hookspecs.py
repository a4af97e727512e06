"""The hooks of optbench. A plugin implements any of them as module functions marked with `@hookimpl`.

A distribution offers its module through an entry point:

    [project.entry-points.optbench]
    mine = "my_package.my_module"

Component hooks return classes (frozen dataclasses, see `components`); no arguments are passed, and later versions may
add some without breaking anybody. A module may state the contract that it was written for:

    OPTBENCH_CONTRACT = 1

Two records may stand in a list among the classes: `Deferred` for one that is made when it is first asked for, and
`Unavailable` for one that cannot be used here, with the reason.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from optbench.contract.architecture import Architecture
    from optbench.contract.components import (
        Component,
        Initializer,
        Normalizer,
        Optimizer,
        Regularizer,
        Schedule,
    )
    from optbench.contract.dataset import Dataset
    from optbench.contract.function import Function
    from optbench.contract.problem import Problem

#: The number of the component contract. It changes when a plugin would have to.
CONTRACT = 1

hookspec = pluggy.HookspecMarker("optbench")
#: marks a module's function as one of the hooks below
hookimpl = pluggy.HookimplMarker("optbench")


@dataclass(frozen=True)
class Deferred:
    """A component that is offered by its name, and made when somebody asks for it.

    For a plugin that offers a hundred: a dataclass takes half a millisecond to make, and every command loads every
    plugin. `make()` gives the class, whose name must be `name`.
    """

    name: str
    make: "Callable[[], type[Component]]"


@dataclass(frozen=True)
class Unavailable:
    """A component that one might expect of this plugin and that cannot be used, and why.

    `optbench plugins` shows it, and whoever asks for the name is told the reason. Runs that do not ask are silent.
    """

    name: str
    reason: str


@hookspec
def optbench_initializers() -> "Sequence[type[Initializer]]":
    """Initializer classes.

    Example:
        >>> from dataclasses import dataclass
        >>> from optbench import Initializer, hookimpl
        >>> @dataclass(frozen=True)
        ... class Ones(Initializer):
        ...     name = "ones"
        ...     def draw(self, shape, fan_in, fan_out, rng):
        ...         return np.ones(shape)
        >>> @hookimpl
        ... def optbench_initializers():
        ...     return [Ones]
    """
    raise NotImplementedError


@hookspec
def optbench_regularizers() -> "Sequence[type[Regularizer]]":
    """Regularizer classes: penalties, constraints, layers, batch transforms, stopping rules.

    Example:
        >>> from dataclasses import dataclass
        >>> from optbench import Penalty, hookimpl, hyper
        >>> @dataclass(frozen=True)
        ... class Pull(Penalty):
        ...     name = "pull"
        ...     strength: float = hyper(1e-3, low=1e-6, high=1, scale="log")
        ...     def apply(self, params, grads, layout):
        ...         grads += self.strength * params
        ...         return 0.5 * self.strength * float(params @ params)
        >>> @hookimpl
        ... def optbench_regularizers():
        ...     return [Pull]
    """
    raise NotImplementedError


@hookspec
def optbench_optimizers() -> "Sequence[type[Optimizer]]":
    """Optimizer classes.

    Example:
        >>> from dataclasses import dataclass
        >>> from optbench import Optimizer, hookimpl, hyper
        >>> @dataclass(frozen=True)
        ... class SignDescent(Optimizer):
        ...     name = "sign-descent"
        ...     lr: float = hyper(1e-3, low=1e-5, high=1e-1, scale="log")
        ...     def step(self, params, grads, state, context):
        ...         params -= (self.lr * context.factor) * np.sign(grads)
        >>> @hookimpl
        ... def optbench_optimizers():
        ...     return [SignDescent]
    """
    raise NotImplementedError


@hookspec
def optbench_schedules() -> "Sequence[type[Schedule]]":
    """Schedule classes.

    Example:
        >>> from dataclasses import dataclass
        >>> from optbench import Schedule, hookimpl
        >>> @dataclass(frozen=True)
        ... class Halving(Schedule):
        ...     name = "halving"
        ...     def factor(self, progress):
        ...         return 0.5 ** progress.epoch
        >>> @hookimpl
        ... def optbench_schedules():
        ...     return [Halving]
    """
    raise NotImplementedError


@hookspec
def optbench_normalizers() -> "Sequence[type[Normalizer]]":
    """Normalizer classes, of inputs or of hidden activations.

    Example:
        >>> from dataclasses import dataclass
        >>> from optbench import InputNormalizer, hookimpl
        >>> @dataclass(frozen=True)
        ... class Centre(InputNormalizer):
        ...     name = "centre"
        ...     def fit(self, x):
        ...         mean = x.mean(axis=0)
        ...         return lambda x: x - mean
        >>> @hookimpl
        ... def optbench_normalizers():
        ...     return [Centre]
    """
    raise NotImplementedError


@hookspec
def optbench_datasets() -> "Sequence[type[Dataset]]":
    """Dataset classes; see `optbench.Dataset`.

    Example:
        >>> from dataclasses import dataclass
        >>> from optbench import Data, Dataset, hookimpl
        >>> @dataclass(frozen=True)
        ... class Line(Dataset):
        ...     name = "line"
        ...     task = "regression"
        ...     def load(self, rng):
        ...         x = rng.uniform(-1, 1, (100, 1))
        ...         return Data(x, 2 * x)
        >>> @hookimpl
        ... def optbench_datasets():
        ...     return [Line]
    """
    raise NotImplementedError


@hookspec
def optbench_networks() -> "Sequence[type[Architecture]]":
    """Network kinds: what `network = { kind = ... }` in a suite names; see `optbench.Architecture`.

    Example:
        >>> from dataclasses import dataclass
        >>> from optbench import Architecture, Dense, hookimpl
        >>> @dataclass(frozen=True)
        ... class TwoLinear(Architecture):
        ...     name = "two-linear"
        ...     def layers(self, inputs, outputs, extras):
        ...         return [Dense(8), Dense(outputs)]
        >>> @hookimpl
        ... def optbench_networks():
        ...     return [TwoLinear]
    """
    raise NotImplementedError


@hookspec
def optbench_functions() -> "Sequence[type[Function]]":
    """Analytic functions to minimize: what `function = ...` in a suite's workload names.

    Example:
        >>> from dataclasses import dataclass
        >>> from optbench import Function, hookimpl
        >>> @dataclass(frozen=True)
        ... class Bowl(Function):
        ...     name = "bowl"
        ...     start = (1.0, 1.0)
        ...     def value_and_gradient(self, w, step, rng):
        ...         return float(w @ w), 2 * w
        >>> @hookimpl
        ... def optbench_functions():
        ...     return [Bowl]
    """
    raise NotImplementedError


@hookspec
def optbench_problems() -> "Sequence[type[Problem]]":
    """Problems of one's own: what `problem = ...` in a suite's workload names; see `optbench.Problem`.

    Example:
        >>> from dataclasses import dataclass
        >>> from optbench import Layout, Problem, hookimpl
        >>> @dataclass(frozen=True)
        ... class Decay(Problem):
        ...     name = "decay"
        ...     def layout(self):
        ...         return Layout.of({"u": (20,)})
        ...     def loss_and_gradient(self, w, step, rng, state):
        ...         residual = 21 * w  # of u' = -u from u(0) = 1, at 20 points
        ...         residual[1:] -= 20 * w[:-1]
        ...         residual[0] -= 20
        ...         gradient = 21 * residual
        ...         gradient[:-1] -= 20 * residual[1:]
        ...         return 0.5 * float(residual @ residual), gradient
        >>> @hookimpl
        ... def optbench_problems():
        ...     return [Decay]
    """
    raise NotImplementedError


@hookspec
def optbench_resolvers() -> "Mapping[str, Callable[[str, str], type[Component]]]":
    """Functions by prefix, for names such as "torch:package.module:Class": what makes a component of a user's object.

    A name PREFIX:REST that is not registered is given to the resolver of its prefix as `resolve(kind, name)`, with the
    kind in the plural ("optimizers") and the whole name. It returns a component class of that kind, of just that
    name, or raises `OptbenchError` with what to mend; it is called once a process. Such a name works wherever a
    registered one does: in a suite, in `--candidate`, in `optbench train --optimizer`. `optbench check` asks for the
    kind "": then a resolver of several kinds returns a component of the one that it takes the object for.
    `optbench.import_object` imports "package.module:Class", also from the current folder.

    Example:
        >>> from dataclasses import dataclass
        >>> from optbench import Optimizer, hookimpl, hyper, import_object
        >>> def resolve(kind, name):
        ...     rule, source = import_object(name.partition(":")[2])
        ...     @dataclass(frozen=True)
        ...     class Rule(Optimizer):
        ...         lr: float = hyper(0.01, low=1e-4, high=1, scale="log")
        ...         def step(self, params, grads, state, context):
        ...             params -= self.lr * context.factor * rule(grads)
        ...     Rule.name, Rule.bridge = name, source
        ...     return Rule
        >>> @hookimpl
        ... def optbench_resolvers():
        ...     return {"rule": resolve}
        >>> resolve("optimizers", "rule:numpy:sign").name
        'rule:numpy:sign'
    """
    raise NotImplementedError


@hookspec
def optbench_adapts(found: Any, name: str) -> "type[Component] | str | None":
    """A component of a class or function of another library, that somebody gave as it is: `torch.optim.Muon`.

    found   a class or a function; of a notebook, a script, a file, or of an installed library
    name    what the component is called, such as "__main__:MyOptimizer"

    Returns a component class of just that name, or the name of a registered component that is the same thing, or None
    where it is not this plugin's library. The library is imported already where `found` is its: look it up in
    `sys.modules`, and import nothing for others' classes. Called in every process that uses the component.

    Example:
        >>> from dataclasses import dataclass
        >>> from optbench import Optimizer, hookimpl, hyper
        >>> class Rule:
        ...     pass
        >>> @hookimpl
        ... def optbench_adapts(found, name):
        ...     if not (isinstance(found, type) and issubclass(found, Rule)):
        ...         return None
        ...     @dataclass(frozen=True)
        ...     class Adapted(Optimizer):
        ...         lr: float = hyper(0.01, low=1e-4, high=1, scale="log")
        ...         def step(self, params, grads, state, context):
        ...             params -= self.lr * context.factor * found().update(grads)
        ...     Adapted.name, Adapted.bridge = name, "rules 1.0"
        ...     return Adapted
    """
    raise NotImplementedError


@hookspec
def optbench_suites() -> "Sequence[Traversable]":
    """Suite files (TOML), as `importlib.resources` gives them; a suite's name is its file name without `.toml`.

    Example:
        >>> from importlib.resources import files
        >>> from optbench import hookimpl
        >>> @hookimpl
        ... def optbench_suites():
        ...     return [files("optbench_suites") / "quick.toml"]
    """
    raise NotImplementedError


@hookspec
def optbench_references() -> "Sequence[Traversable]":
    """Folders of reference results, as `importlib.resources` gives them: what `--against reference` means for a suite.

    A folder is called as its suite is, and holds an archive of each workload, as `optbench pack` makes them.

    Example:
        >>> from importlib.resources import files
        >>> from optbench import hookimpl
        >>> @hookimpl
        ... def optbench_references():
        ...     return [files("optbench_suites") / "reference" / "quick"]
    """
    raise NotImplementedError


@hookspec
def optbench_trial_finished(trial: Any, run: Any, assignments: Any) -> None:
    """Called in the process that started the run, after a trial was stored.

    `trial` is the `optbench.Trial`, `run` its `optbench.Run` with outcome, measurements and test
    metrics, `assignments` a tuple of `optbench.Assignment`: what the trial is for (candidate, phase, study,
    number). Candidates with equal settings share a trial, so there may be several; one that asks for a trial which
    has already finished is not told of again. An observer takes only the arguments that it names. One that raises is
    named in the run's problems and called no more; the run goes on.

    Example:
        >>> from optbench import hookimpl
        >>> @hookimpl
        ... def optbench_trial_finished(trial, run):
        ...     print(trial.workload["name"], run.outcome)
    """
