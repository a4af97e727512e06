"""Makes table.json: runs every class of torch.optim and pytorch_optimizer beside plain torch, and notes what it needs.

    python -m optbench_torch.survey            # writes the table of the versions that are installed
    python -m optbench_torch.survey lion muon  # shows the records of these

A class is listed when, on tensors of every kind, the bridge takes the same steps as plain torch, and when a run that
was saved and loaded goes on with the same bits; what it does otherwise than the conformance kit asks is noted. Else
the table says why it is not available.
"""

import inspect
import json
import re
import sys
import traceback
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from optbench import Context, Layout, OptbenchError, Progress
from optbench.testing import checkpointed, checks_for, run_check
from optbench_torch import catalog, library
from optbench_torch.bridge import Session, Spec, TorchOptimizer
from optbench_torch.signature import hyperparameters

TABLE = Path(__file__).with_name("table.json")
STEPS = 24
#: so that what a method does once in a while is done
LONG = {"alice": 210, "splus": 110, "adagc": 110, "spam": 60}

# ------------------------------------------------------------------------------------ what no experiment can tell

#: elementwise methods, whatever their settings: one tensor gives the bits of many
FLAT = "asgd adadelta adagrad adam adamw adamax nadam radam rmsprop rprop sgd lbfgs"
KNOWN: dict[str, dict[str, Any]] = {
    **{f"torch/{name}": {"flags": ["flat"]} for name in FLAT.split()},
    "torch/lbfgs": {"flags": ["closure", "flat"], "settings": {"line_search_fn": "none"}},
    "torch/sparse-adam": {"flags": ["sparse"]},
    # Biases go to AdamW, with a rate of their own; kernels as matrices, since it takes nothing else.
    "torch/muon": {"flags": ["adamw", "matrix"], "settings": {"adamw_lr": 0.001}, "rates": {"adamw_lr": [1e-5, 0.1]}},
    "pytorch-optimizer/lbfgs": {"flags": ["closure", "flat"], "settings": {"line_search_fn": "none"}},
    # Its number of examples scales the noise; a workload's own can be set.
    "pytorch-optimizer/bsam": {"settings": {"num_data": 1000}},
    # Its own schedule needs the number of steps in advance; optbench's schedules take its place.
    "pytorch-optimizer/ranger21": {"fixed": {"num_iterations": 1, "disable_lr_scheduler": True}},
    "pytorch-optimizer/ranger": {"iterates": ["slow_buffer"]},
    **{f"pytorch-optimizer/schedulefree{n}": {"iterates": ["z"]} for n in ("sgd", "adamw", "radam")},
}
KNOWN["pytorch-optimizer/spectralsphere"] = {
    "flags": ["adamw", "matrix"], "settings": {"adamw_lr": 0.001}, "rates": {"adamw_lr": [1e-5, 0.1]},
}  # fmt: skip
for _name in ("muon", "adamuon", "adago", "normuon", "muonclip"):
    KNOWN[f"pytorch-optimizer/{_name}"] = {"flags": ["muon"], "rates": {"adamw_lr": [3e-6, 0.03]}}
#: rates that are no step sizes of the usual kind
RATES = {
    (1e-4, 10): "torch/sgd torch/asgd pytorch-optimizer/sgd accsgd asgd pnm pid qhm sgdp sgdw aggmo msvag gravity tam",
    (1e-2, 100): "torch/adadelta adadelta",
    (1e-3, 100): "lars",
    (1e-2, 10): "torch/lbfgs lbfgs",
    (0.1, 10): "dadaptadagrad dadaptadam dadaptadan dadaptlion dadaptsgd prodigy adamg",
}
REASONS = {
    "adahessian": "it needs second derivatives (a backward pass with create_graph=True)",
    "sophiah": "it needs second derivatives (a backward pass with create_graph=True)",
    "adalomo": "it needs a torch.nn.Module, whose backward pass it takes over",
    "lomo": "it needs a torch.nn.Module, whose backward pass it takes over",
    "adammini": "it needs a torch.nn.Module, whose layers' names it reads",
    "distributedmuon": "it needs torch.distributed with several processes",
    "demo": "it needs torch.distributed with several processes, and einops",
    "fadam": "it works in float32 only, and checks need float64",
    "lorarite": "it takes a network's matrices for pairs of LoRA's factors",
    "magma": "it wraps another torch optimizer",
}


def special_rates(name: str, library_name: str) -> list[float] | None:
    for ends, names in RATES.items():
        if f"{library_name}/{name}" in names.split() or (library_name != "torch" and name in names.split()):
            return list(ends)
    return None


# ------------------------------------------------------------------------------------------------------ the survey


def classes() -> Iterator[tuple[str, type]]:
    """("torch/adamw", class) of everything that the two libraries offer."""
    torch = library.torch_module()
    for called in dir(torch.optim):
        cls = getattr(torch.optim, called)
        if isinstance(cls, type) and issubclass(cls, torch.optim.Optimizer) and cls is not torch.optim.Optimizer:
            yield "torch/" + ("sparse-adam" if called == "SparseAdam" else called.lower()), cls
    from pytorch_optimizer.optimizer import OPTIMIZERS

    for called, cls in sorted(OPTIMIZERS.items()):
        yield f"pytorch-optimizer/{called}", cls


def record(name: str, cls: type) -> dict[str, Any]:
    """What the table says of a class."""
    library_name, _, short = name.partition("/")
    known = KNOWN.get(name, {})
    found: dict[str, Any] = {
        "class": f"{cls.__module__}:{cls.__qualname__}",
        "file": source(cls, library_name),
        "summary": summary(cls),
    }
    if library_name != "torch" and short in REASONS:
        return {**found, "unavailable": REASONS[short]}
    fixed = known.get("fixed", {})
    settings = {**hyperparameters(cls)[0], **known.get("settings", {})}
    found["settings"] = {k: v for k, v in settings.items() if k not in fixed}
    rates = dict(known.get("rates", {}))
    special = special_rates(short, library_name)
    if special and "lr" in found["settings"]:
        rates["lr"] = special
    if rates:
        found["rates"] = rates
    for key in ("fixed", "iterates"):
        if key in known:
            found[key] = known[key]
    spec = Spec(
        found["class"], found["settings"], fixed, frozenset(known.get("flags", ())),
        tuple(known.get("iterates", ())),
    )  # fmt: skip
    try:
        flags = needed(name, spec)
    except Exception as error:
        text = str(error).strip().partition("\n")[0]
        if "-v" in sys.argv:
            traceback.print_exc()
        return {**found, "unavailable": text if isinstance(error, OptbenchError) else f"{type(error).__name__}: {text}"}
    if flags:
        found["flags"] = sorted(flags)
    departs = departures(name, found)
    return {**found, "departs": departs} if departs else found


def source(cls: type, library_name: str) -> str:
    """The class's file within its package."""
    home = library.folder(library_name.replace("-", "_"))
    # Not of the class, whose module may be where it is exported; pytorch_optimizer lists some of torch's own.
    file = Path(inspect.unwrap(cls.__init__).__code__.co_filename)
    return file.relative_to(home).as_posix() if home and home in file.parents else "__init__.py"


def summary(cls: type) -> str:
    text = " ".join((inspect.getdoc(cls) or cls.__name__).partition("\n\n")[0].split())
    return text.partition(". ")[0].rstrip(".") + "."


def needed(name: str, spec: Spec) -> frozenset[str]:
    """The flags with which the bridge takes plain torch's steps; raises where none do."""
    last: Exception = RuntimeError("no steps were made")
    closure = "closure" in inspect.signature(spec.cls.step).parameters
    for more in ((), ("fresh",), ("copy",)):
        for extra in ((), ("closure",)) if closure and "closure" not in spec.flags else ((),):
            tried = replace(spec, flags=spec.flags | set(more) | set(extra))
            try:
                tried = replace(tried, flags=tried.flags | draws(name, tried))
                check(name, tried)
            except Exception as error:
                last = error if not isinstance(last, Different) or isinstance(error, Different) else last
                continue
            return tried.flags
    raise last


class Different(Exception):
    """The bridge does not take the steps that plain torch takes."""


def check(name: str, spec: Spec) -> None:
    made = instance(name, spec)
    steps = LONG.get(name.partition("/")[2], STEPS)
    theirs, ours = plain_steps(made, steps), bridged_steps(made, steps)
    size = np.abs(theirs - start()).max()
    if not np.isfinite(theirs).all():
        raise Different("its steps are not finite")
    if not np.abs(ours - theirs).max() <= 1e-7 * size:
        raise Different(f"the bridge's steps differ by {np.abs(ours - theirs).max() / size:.1e} from plain torch's")
    again = bridged_steps(made, steps, resume_at=steps // 2)
    if ours.tobytes() != again.tobytes():
        raise Different("a saved and loaded run does not go on with the same bits")
    small = bridged_steps(made, STEPS, np.float32)
    if small.dtype != np.float32 or not np.isfinite(small).all():
        raise Different("its steps in float32 are not finite")


def instance(name: str, spec: Spec) -> TorchOptimizer:
    return catalog.component(name, spec, "", "")()


# --------------------------------------------------------------------------------------------------- an experiment

LAYOUT = Layout.of({"kernel": (3, 3, 2, 4), "shift": (4,), "wide": (6, 9), "b": (9,), "tall": (9, 3), "c": (3,)})


def start(dtype: Any = np.float64) -> np.ndarray:
    return np.random.default_rng(1).normal(0, 0.5, LAYOUT.size).astype(dtype)


def loss_at(w: np.ndarray, number: int) -> tuple[float, np.ndarray]:
    """A smooth loss with noise that depends on the step: log cosh of the distance to a point."""
    rng = np.random.default_rng(100 + number)
    distance = w - np.linspace(-1, 1, w.size, dtype=w.dtype) + rng.normal(0, 0.1, w.size).astype(w.dtype)
    return float(np.log(np.cosh(distance)).sum()), np.tanh(distance) * w.dtype.type(0.3)


def context_of(number: int, rng: np.random.Generator, params: np.ndarray, total: int) -> Context:
    loss, _ = loss_at(params, number)

    def gradient(at: np.ndarray, out: np.ndarray | None = None) -> tuple[float, np.ndarray]:
        value, found = loss_at(at, number)
        return value, found

    return Context(LAYOUT, Progress(number, total), rng, lambda: loss, gradient)


def bridged_steps(
    made: TorchOptimizer, steps: int, dtype: Any = np.float64, resume_at: int | None = None
) -> np.ndarray:
    """Where the bridge is after some steps, in between saved to a file and loaded."""
    params, grads = start(dtype), np.zeros(LAYOUT.size, dtype)
    state, rng = made.init(params, LAYOUT), np.random.default_rng(5)
    with quiet():
        for number in range(steps):
            if number == resume_at:
                saved = checkpointed(made.save(state))
                params, grads = params.copy(), grads.copy()
                state = made.load(saved, params, LAYOUT)
            grads[...] = loss_at(params, number)[1]
            made.step(params, grads, state, context_of(number, rng, params, steps))
    return params


def plain_steps(made: TorchOptimizer, steps: int) -> np.ndarray:
    """Where plain torch is: contiguous tensors, fresh gradients, no bridge."""
    torch = library.torch_module()
    shape = Session(made.spec, lambda tensors: [], start(), LAYOUT)
    params = start()
    views = shape.views(params)
    tensors = [torch.nn.Parameter(v.clone(memory_format=torch.contiguous_format)) for v in views]
    rng = np.random.default_rng(5)
    with shape.own_dtype(), shape.own_chance(np.random.default_rng(0)):
        optimizers = made.make(tensors)
    for optimizer in optimizers:
        if hasattr(optimizer, "train"):
            optimizer.train()

    def gradient(number: int) -> Any:
        for view, tensor in zip(views, tensors, strict=True):
            view.copy_(tensor.detach())
        loss, found = loss_at(params, number)
        for tensor, g in zip(tensors, shape.views(found), strict=True):
            fresh = g.clone(memory_format=torch.contiguous_format)
            tensor.grad = fresh.to_sparse() if "sparse" in made.spec.flags else fresh
        return torch.tensor(loss, dtype=tensors[0].dtype)

    for number in range(steps):
        gradient(number)
        with quiet(), shape.own_dtype(), shape.own_chance(rng):
            for optimizer in optimizers:
                if "closure" in made.spec.flags:
                    optimizer.step(lambda number=number: gradient(number))
                else:
                    optimizer.step()
    for view, tensor in zip(views, tensors, strict=True):
        view.copy_(tensor.detach())
    return params


def draws(name: str, spec: Spec) -> set[str]:
    """The global generators that its steps use, as flags."""
    torch = library.torch_module()
    before, numpys = torch.get_rng_state(), str(np.random.get_state())  # noqa: NPY002
    plain_steps(instance(name, spec), STEPS)
    found = set() if torch.equal(before, torch.get_rng_state()) else {"random"}
    return found if numpys == str(np.random.get_state()) else found | {"numpy"}  # noqa: NPY002


def departures(name: str, found: Mapping[str, Any]) -> dict[str, str]:
    """{check of the conformance kit: what the class does instead}, of those that it does not pass."""
    cls = catalog.tabled(name, name.partition("/")[0].replace("-", "_"), found)
    with quiet():
        results = [run_check(cls, check) for check in checks_for(cls)]
    # What it does; without the advice, which is for authors.
    advice = re.compile(r"(;|: (leave|keep|multiply|declare|write)\b).*")
    return {r.check: advice.sub("", r.message)[:150] for r in results if r.verdict == "failed"}


def quiet() -> Any:
    return warnings.catch_warnings(action="ignore")


def survey(only: Sequence[str] = ()) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for name, cls in classes():
        if not only or name in only or name.partition("/")[2] in only:
            found[name] = record(name, cls)
            print(name, found[name].get("unavailable") or " ".join(found[name].get("flags", ())), flush=True)
    return found


def main(arguments: Sequence[str]) -> None:
    only = [a for a in arguments if not a.startswith("-")]
    found = survey(only)
    lines = (f"{json.dumps(name)}: {json.dumps(value)}" for name, value in found.items())
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    if only:
        print(text)
    else:
        TABLE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
