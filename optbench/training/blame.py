"""What failed in a trial, in one line: the component, the stage and the reason."""

import traceback

from optbench.contract.components import Component
from optbench.contract.layer import Layer, Op
from optbench.training import memory


def blame(error: BaseException, step: int | None = None) -> str:
    """"optimizer mine, step 100: RuntimeError: no luck", for an error raised within a component.

    The innermost component is named: a wrapper is not to blame for what it wraps. Stages are "init" (any method
    that is not called in a step is its own stage), "step 100", "apply in step 100".
    step    number of the step that was being made, the first is 0; None before training
    """
    owner, method = culprit(error)
    parts = []
    if isinstance(owner, Component):
        parts.append(f"{owner.kind} {owner.name}")
    elif owner is not None:
        parts.append(f"layer {type(owner).__qualname__}")
    if step is None or method == "init":
        parts += [method] if method else []
    else:
        parts.append(f"step {step}" if method in ("", "step") else f"{method} in step {step}")
    return ": ".join([", ".join(parts), reason(error)] if parts else [reason(error)])


def culprit(error: BaseException) -> tuple[object, str]:
    """The innermost component or layer that the error came through, and the method of it that was called."""
    owner, method = None, ""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        this = frame.f_locals.get("self")
        if isinstance(this, (Component, Layer, Op)) and this is not owner:
            owner, method = this, frame.f_code.co_name
    return owner, method


def reason(error: BaseException) -> str:
    """The error's type and the first line of its message."""
    lines = [memory.blamed(error)] if memory.blamed(error) else str(error).strip().splitlines()
    name = "MemoryError" if isinstance(error, MemoryError) else type(error).__name__
    return f"{name}: {lines[0] if lines else 'no message'}"
