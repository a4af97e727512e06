"""Running the checks of components: by pytest, by the command line, or by hand."""

import dataclasses
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from unittest import SkipTest

from optbench.contract.errors import OptbenchError, near
from optbench.testing.base import CheckFailed, label
from optbench.testing.collecting import Check, checks_for

if TYPE_CHECKING:
    import pytest

#: {"check_name": reason} for all components, {"label-check_name": reason} for one
Expected = Mapping[str, str]


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
