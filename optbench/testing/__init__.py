"""The conformance kit: whether a component keeps the contract, and what to change where it does not.

    from optbench.testing import parametrize_with_checks

    @parametrize_with_checks([MyOptimizer])
    def test_contract(component, check):
        check(component)

Each check is a plain function of a component, a class or an instance: `check_float32_stays_float32(MyOptimizer)`.
`optbench check NAME` runs them from the command line. One file a kind; those of every kind are in `every`.
"""

from typing import Any

from optbench.testing.base import CheckFailed
from optbench.testing.collecting import (
    ALL_CHECKS,
    Result,
    checks_for,
    offered,
    parametrize_with_checks,
    run_check,
    run_checks,
)
from optbench.testing.suites import check_suite_is_valid

_CHECKS = {check.__name__: check for check in ALL_CHECKS}

__all__ = [
    "ALL_CHECKS",
    "CheckFailed",
    "Result",
    "check_suite_is_valid",
    "checks_for",
    "offered",
    "parametrize_with_checks",
    "run_check",
    "run_checks",
    *_CHECKS,
]


def __getattr__(name: str) -> Any:
    if name in _CHECKS:
        return _CHECKS[name]
    raise AttributeError(f"module 'optbench.testing' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
