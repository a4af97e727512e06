"""Which checks a component has: those of every kind, and those of its own."""

from collections.abc import Callable
from typing import Any

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
from optbench.contract.errors import OptbenchError
from optbench.contract.function import Function
from optbench.contract.guarding import guarded
from optbench.contract.problem import Problem
from optbench.testing import (
    datasets,
    descent,
    every,
    functions,
    initializers,
    invariances,
    layers,
    networks,
    normalizers,
    optimizers,
    problems,
    regularizers,
    schedules,
)
from optbench.testing.arguments import ANY
from optbench.testing.arguments import component as component_rule
from optbench.testing.base import made

Check = Callable[[Any], None]

_EVERY: tuple[Check, ...] = (
    every.check_is_a_component,
    every.check_constructs_with_defaults,
    every.check_settings_are_plain_data,
    every.check_declares_its_source,
    every.check_ranges_contain_the_default,
    every.check_same_seed_same_bits,
    every.check_leaves_the_world_alone,
)
_KINDS: tuple[tuple[type, tuple[Check, ...]], ...] = (
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
            invariances.check_permuted_units,
            invariances.check_renamed_tensors,
            invariances.check_reordered_tensors,
            invariances.check_scaled_loss,
            invariances.check_turned_matrices,
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
            normalizers.check_whole_numbers_become_floats,
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
            datasets.check_new_examples_are_like_those_loaded,
        ),
    ),
    (
        Problem,
        (
            problems.check_problem_starts,
            problems.check_problem_gradient,
            problems.check_problem_reads_only,
            problems.check_problem_step_is_one_function,
            problems.check_problem_saves_and_loads,
            problems.check_problem_evaluates,
            problems.check_problem_stays_float32,
            problems.check_problem_survives_far_away,
        ),
    ),
    (Function, (functions.check_start_minima_and_window_fit,)),
    (
        Architecture,
        (
            networks.check_network_ends_in_its_outputs,
            networks.check_network_gradient,
            networks.check_network_takes_one_example,
            networks.check_network_saves_and_loads,
            networks.check_network_asks_for_extras,
        ),
    ),
)


def _door(check: Check) -> Check:
    """The check, which refuses what it is not for. What is no component at all is the business of the first one."""
    if check is every.check_is_a_component:
        return check
    rule = component_rule(ANY if check in _EVERY else tuple(base for base, checks in _KINDS if check in checks))
    return guarded(check, lambda function, parameter: rule)


_DOORS = {check: _door(check) for check in (*_EVERY, *(one for _, checks in _KINDS for one in checks))}
EVERY = tuple(_DOORS[check] for check in _EVERY)
KINDS = tuple((base, tuple(_DOORS[check] for check in checks)) for base, checks in _KINDS)
#: checks that need something which not every component declares: check -> the attribute
DECLARED = {
    _DOORS[descent.check_general_equals_its_special_cases]: "special_cases",
    _DOORS[initializers.check_declared_variance_holds]: "variance",
}
#: checks of what an optimizer claims: check -> what `invariances` must name
CLAIMED = {
    _DOORS[invariances.check_scaled_loss]: "scale",
    _DOORS[invariances.check_turned_matrices]: "rotation",
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
    return [
        check
        for check in (*EVERY, *own)
        if (check not in DECLARED or _declares(cls, DECLARED[check]))
        and (check not in CLAIMED or _claims(component, CLAIMED[check]))
    ]


def _declares(cls: type, attribute: str) -> bool:
    # What a method equals is said of that method: a subclass of Adam is not Adam's limit unless it says so itself.
    return bool(vars(cls).get(attribute) if attribute == "special_cases" else getattr(cls, attribute, None))


def _claims(component: Any, name: str) -> bool:
    try:
        return name in made(component).invariances()
    except Exception:  # whatever a stranger's class raises, when it is made or asked: its own check tells
        return False
