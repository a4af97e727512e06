"""Which checks a component has, and how they are run: by pytest, by the command line, or by hand."""

import dataclasses
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from unittest import SkipTest

from optbench.contract.architecture import Architecture
from optbench.contract.components import (
    BatchTransform,
    Constraint,
    Initializer,
    InputNormalizer,
    LayerFactory,
    Optimizer,
    Penalty,
    Schedule,
    Stopping,
)
from optbench.contract.dataset import Dataset
from optbench.contract.errors import OptbenchError, near
from optbench.contract.function import Function
from optbench.testing import (
    datasets,
    descent,
    every,
    functions,
    initializers,
    layers,
    networks,
    normalizers,
    optimizers,
    regularizers,
    schedules,
)
from optbench.testing.base import CheckFailed, label

if TYPE_CHECKING:
    import pytest

Check = Callable[[Any], None]
#: {"check_name": reason} for all components, {"label-check_name": reason} for one
Expected = Mapping[str, str]

EVERY: tuple[Check, ...] = (
    every.check_is_a_component,
    every.check_constructs_with_defaults,
    every.check_settings_are_plain_data,
    every.check_declares_its_source,
    every.check_ranges_contain_the_default,
    every.check_same_seed_same_bits,
    every.check_leaves_the_world_alone,
)
KINDS: tuple[tuple[type, tuple[Check, ...]], ...] = (
    (
        Optimizer,
        (
            optimizers.check_updates_in_place,
            optimizers.check_leaves_its_surroundings_alone,
            optimizers.check_keeps_no_buffers,
            optimizers.check_float32_stays_float32,
            optimizers.check_survives_empty_and_scalar,
            optimizers.check_survives_huge_and_denormal,
            optimizers.check_survives_infinite_gradients,
            optimizers.check_state_checkpoints,
            optimizers.check_state_is_its_own,
            optimizers.check_trainings_share_nothing,
            optimizers.check_zero_gradient_leaves_parameters_alone,
            optimizers.check_obeys_the_schedule,
            optimizers.check_counts_extra_gradients,
            optimizers.check_evaluation_changes_nothing,
            optimizers.check_declares_all_iterates,
            descent.check_descends_on_quadratic,
            descent.check_descends_on_rosenbrock,
            descent.check_descends_on_matrix,
            descent.check_descends_on_mixed_shapes,
            descent.check_general_equals_its_special_cases,
            descent.check_trains_in_a_stack,
        ),
    ),
    (
        Penalty,
        (
            regularizers.check_penalty_gradient,
            regularizers.check_penalty_adds_to_the_gradient,
            regularizers.check_penalty_survives_extremes,
            regularizers.check_vectors_stay_float32,
        ),
    ),
    (
        Constraint,
        (
            regularizers.check_projection_is_idempotent,
            regularizers.check_projection_survives_extremes,
            regularizers.check_vectors_stay_float32,
        ),
    ),
    (
        BatchTransform,
        (
            regularizers.check_transform_keeps_shapes,
            regularizers.check_transform_stays_float32,
            regularizers.check_transform_survives_extremes,
        ),
    ),
    (
        Stopping,
        (regularizers.check_stopping_is_pure, regularizers.check_stopping_answers_any_history),
    ),
    (
        LayerFactory,
        (
            layers.check_layer_gradient,
            layers.check_batch_of_one,
            layers.check_evaluation_is_deterministic,
            layers.check_a_step_is_one_function,
            layers.check_rows_of_a_stack_are_solo,
            layers.check_layer_stays_float32,
            layers.check_layer_survives_huge_and_denormal,
        ),
    ),
    (
        InputNormalizer,
        (
            normalizers.check_fit_leaves_the_inputs_alone,
            normalizers.check_examples_are_transformed_one_by_one,
            normalizers.check_inputs_survive_extremes,
        ),
    ),
    (Schedule, (schedules.check_factors_are_finite_and_not_negative, schedules.check_schedule_is_pure)),
    (
        Initializer,
        (
            initializers.check_draws_fit_any_tensor,
            initializers.check_only_the_generator_matters,
            initializers.check_declared_variance_holds,
        ),
    ),
    (
        Dataset,
        (
            datasets.check_names_its_source,
            datasets.check_examples_are_valid,
            datasets.check_examples_can_be_split,
        ),
    ),
    (
        Function,
        (
            functions.check_function_gradient,
            functions.check_start_minima_and_window_fit,
            functions.check_function_is_pure,
            functions.check_function_survives_far_away,
        ),
    ),
    (
        Architecture,
        (
            networks.check_network_ends_in_its_outputs,
            networks.check_network_gradient,
            networks.check_network_takes_one_example,
            networks.check_network_asks_for_extras,
        ),
    ),
)
#: checks that need something which not every component declares: check -> the attribute
DECLARED = {
    descent.check_general_equals_its_special_cases: "special_cases",
    initializers.check_declared_variance_holds: "variance",
}
#: every check, once
ALL_CHECKS: tuple[Check, ...] = tuple(dict.fromkeys([*EVERY, *(c for _, checks in KINDS for c in checks)]))


def checks_for(component: Any) -> list[Check]:
    """The checks of a component, an instance or a class: those of every kind, then those of its own.

    Call each with the component: it returns, or raises `CheckFailed` with what to change (another error where the
    component itself raises, `unittest.SkipTest` where it cannot be checked here).
    """
    cls = component if isinstance(component, type) else type(component)
    own = [check for base, checks in KINDS if issubclass(cls, base) for check in checks]
    if not own:
        raise OptbenchError(f"{component!r} is no component that can be checked: subclass Optimizer, Penalty, ...")
    return [check for check in (*EVERY, *own) if check not in DECLARED or _declares(cls, DECLARED[check])]


def _declares(cls: type, attribute: str) -> bool:
    # What a method equals is said of that method: a subclass of Adam is not Adam's limit unless it says so itself.
    return bool(vars(cls).get(attribute) if attribute == "special_cases" else getattr(cls, attribute, None))


def name_of(check: Check) -> str:
    return getattr(check, "__name__", str(check))


def pairs(components: Iterable[Any]) -> Iterator[tuple[str, Any, Check]]:
    """(id, component, check) for all; ids are "adam-check_same_seed_same_bits"."""
    for component in components:
        for check in checks_for(component):
            yield f"{label(component)}-{name_of(check)}", component, check


def check_expected(expected: Expected, ids: Iterable[str]) -> None:
    """Raise `OptbenchError` where an expected failure is none of these checks, or has no reason."""
    known = {key for id_ in ids for key in (id_, id_[id_.rindex("-check_") + 1 :])}
    for key, reason in expected.items():
        if key not in known:
            raise OptbenchError(f"expected_failures: there is no check {key!r} here; {near(key, known)}")
        if not isinstance(reason, str) or not reason.strip():
            raise OptbenchError(f"expected_failures: {key} needs its reason, a text, got {reason!r}")


def parametrize_with_checks(
    components: Sequence[Any], expected_failures: Expected | None = None
) -> "pytest.MarkDecorator":
    """A pytest decorator: a test for each component and each of its checks.

        @parametrize_with_checks([Lion, Lion(beta1=0.5)])
        def test_contract(component, check):
            check(component)

    components         classes or instances
    expected_failures  {"check_name": "why"} for all of them, or {"lion-check_name": "why"} for one: pytest marks
                       these as expected to fail (xfail). A class may also say it itself, in `expected_failures`
    """
    import pytest

    expected = expected_failures or {}
    found = list(pairs(components))
    check_expected(expected, (id_ for id_, _, _ in found))
    parameters = []
    for id_, component, check in found:
        reason = expected.get(id_, expected.get(name_of(check), expected_by(component).get(name_of(check))))
        marks = [pytest.mark.xfail(reason=reason)] if reason else []
        parameters.append(pytest.param(component, check, id=id_, marks=marks))
    return pytest.mark.parametrize(("component", "check"), parameters)


def expected_by(component: Any) -> Expected:
    """What a component says of itself: a class attribute expected_failures = {"check_name": "why"}."""
    expected = getattr(component, "expected_failures", {})
    known = [name_of(check) for check in checks_for(component)] if expected else []
    for name in expected:
        if name not in known:
            where = f"{label(component)}: expected_failures"
            raise OptbenchError(f"{where}: there is no check {name!r}; {near(name, known)}")
    return expected


Verdict = Literal["passed", "failed", "expected", "skipped"]


@dataclasses.dataclass(frozen=True)
class Result:
    """What one check said of one component. `message` is empty where it passed.

    expected   it failed, and the class says why it may: `message` is the reason
    """

    component: str
    check: str
    verdict: Verdict
    message: str = ""


def run_checks(components: Iterable[Any]) -> Iterator[Result]:
    """Run all checks of these components, one result a check, as they come."""
    for _, component, check in pairs(components):
        result = run_check(component, check)
        reason = expected_by(component).get(result.check)
        if reason and result.verdict == "failed":
            result = dataclasses.replace(result, verdict="expected", message=reason)
        elif reason and result.verdict == "passed":
            message = f"it was expected to fail ({reason}) and passes: remove it from expected_failures"
            result = dataclasses.replace(result, verdict="failed", message=message)
        yield result


def run_check(component: Any, check: Check) -> Result:
    """Run one check. What a class says of expected failures is not looked at."""
    name, what = name_of(check), label(component)
    try:
        check(component)
    except SkipTest as reason:
        return Result(what, name, "skipped", str(reason))
    except CheckFailed as failure:
        return Result(what, name, "failed", str(failure))
    except Exception as error:
        return Result(what, name, "failed", f"it raises {type(error).__name__}: {error}{_place(error)}")
    return Result(what, name, "passed")


def _place(error: Exception) -> str:
    """Where a component raised: the last line that is not the kit's."""
    here = str(Path(__file__).parent)
    frames = [f for f in traceback.extract_tb(error.__traceback__) if not f.filename.startswith(here)]
    return f" ({Path(frames[-1].filename).name}:{frames[-1].lineno}, in {frames[-1].name})" if frames else ""
