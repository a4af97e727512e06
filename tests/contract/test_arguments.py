"""What arguments of public functions may be: NumPy's scalars, and nothing that a suite's field would refuse."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optbench.contract import arguments
from optbench.contract.errors import OptbenchError, near

anything = st.one_of(
    st.none(), st.booleans(), st.text(), st.binary(), st.floats(), st.lists(st.integers()), st.integers(),
    st.just(object()), st.just(np.zeros(3)), st.dictionaries(st.text(), st.integers()),
)  # fmt: skip


@given(anything)
def test_a_whole_number_or_one_message(value):
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 9:
        assert arguments.whole("seeds", value, 1, 9) == value
        return
    with pytest.raises(OptbenchError) as error:
        arguments.whole("seeds", value, 1, 9)
    assert str(error.value).startswith("seeds must be a whole number in [1, 9], got ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("value", [np.int64(2), np.uint8(2), np.array(2), 2])
def test_numpys_whole_numbers(value):
    found = arguments.whole("seeds", value, 1)
    assert found == 2
    assert type(found) is int


@pytest.mark.parametrize("value", [np.float64(2.0), np.True_, "2", 2.0, [2], None])
def test_what_a_suite_refuses_is_refused_here(value):
    with pytest.raises(OptbenchError, match=r"seeds must be a whole number in \[1, inf\), got "):
        arguments.whole("seeds", value, 1)


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), 1e30, "5", True, None])
def test_seconds(value):
    with pytest.raises(OptbenchError, match=r"timeout must be a number of seconds in \(0, 1e\+09\], got"):
        arguments.seconds("timeout", value)


def test_seconds_of_numpy():
    assert type(arguments.seconds("timeout", np.float32(0.5))) is float


def test_lists_of_texts():
    assert arguments.texts("candidates", np.array(["a", "b"]), "names") == ("a", "b")
    assert arguments.texts("candidates", ("a",), "names") == ("a",)
    for value, message in (
        ("adam", "candidates must be a list of names, got 'adam'"),
        (5, "candidates must be a list of names, got 5"),
        (["a", dict], r"candidates\[1\] must be one of the names, got <class 'dict'>"),
    ):
        with pytest.raises(OptbenchError, match=message):
            arguments.texts("candidates", value, "names")


def test_choices_and_paths_and_flags():
    assert arguments.choice("phase", "tune", ("tune", "final")) == "tune"
    with pytest.raises(OptbenchError, match=r"phase must be 'tune' or 'final', got 'Final'; did you mean 'final'\?"):
        arguments.choice("phase", "Final", ("tune", "final"))
    assert arguments.path("out", Path("a")) == arguments.path("out", "a") == Path("a")
    for value in (5, "", None, b"a", "a\0b"):
        with pytest.raises(OptbenchError, match="out must be a path, got"):
            arguments.path("out", value)
    assert arguments.flag("fresh", np.True_) is True
    with pytest.raises(OptbenchError, match="fresh must be true or false, got 1"):
        arguments.flag("fresh", 1)


def test_arrays_of_numbers():
    assert arguments.numbers("y", [True, False]).tolist() == [True, False]
    for value, message in (
        (["cat", "dog"], "y must be an array of numbers, got texts such as 'cat'"),
        ([[1], [1, 2]], "y must be an array of numbers: "),
        ([None, 1], "y must be an array of numbers, got objects"),
        ([1j], "y must be an array of numbers, got complex numbers such as 1j"),
    ):
        with pytest.raises(OptbenchError, match=message):
            arguments.numbers("y", value)


def test_what_is_to_be_made():
    with pytest.raises(OptbenchError, match=r"x must be a number such as 5, got the class: write int\(\)"):
        arguments.made("x", int, int, "a number such as 5")
    with pytest.raises(OptbenchError, match=r"x\[1\] must be a number such as 5, got 'a'"):
        arguments.all_made("x", [1, "a"], int, "a number such as 5")


NAMES = ["adam", "adamw", "sgd", "torch/adam", "optax/lion", "pytorch-optimizer/lion"]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("SGD", "did you mean 'sgd'?"),
        ("Adam", "did you mean 'adam'?"),
        ("lion", "did you mean 'optax/lion' or 'pytorch-optimizer/lion'?"),
        ("Lion", "did you mean 'optax/lion' or 'pytorch-optimizer/lion'?"),
        ("torch/adm", "did you mean 'torch/adam'?"),
        ("zzz", "valid names: adam, adamw, sgd"),
    ],
)
def test_near_names_in_any_case_and_behind_a_library_s_prefix(name, hint):
    assert near(name, NAMES) == hint


def test_a_name_that_comes_twice_is_told_once():
    assert near("digitsmlp", ["digits-mlp", "digits-mlp"]) == "did you mean 'digits-mlp'?"
