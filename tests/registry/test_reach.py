"""Fingerprints of single classes: what counts, and what does not. Each is compared with that of another text."""

import collections
import fractions
import functools
import json
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from optbench.registry.reach import Reach
from optbench.registry.scripts import load

TEXT = '''
"""A notebook's worth of code."""
from dataclasses import dataclass, field

import numpy as np

from optbench import Optimizer, hyper

STEPS = np.array([1.0, 2.0])
UNUSED = 3
OPTIONS = {"nested": [1, (2, 3)], "text": "a"}


def scaled(x):
    """Doc."""
    return inner(x) * STEPS[0]  # a comment


def inner(x):
    return np.sign(x)


def plot(x):
    return x + UNUSED


class Base(Optimizer):
    def direction(self, grads):
        return scaled(grads) * len(OPTIONS)


def maker(power):
    def raised(x):
        return x**power

    return raised


cube = maker(3)


@dataclass(frozen=True)
class Lion(Base):
    """The formula."""

    name = "lion"
    lr: float = hyper(1e-3, low=1e-5, high=1e-1, scale="log")

    def step(self, params, grads, state, context):
        params -= self.lr * cube(self.direction(grads))

    @staticmethod
    def helper(x):
        return x + 1

    @property
    def twice(self):
        return 2 * self.lr


class Other(Optimizer):
    def step(self, params, grads, state, context):
        params -= 1
'''


@pytest.fixture
def code(tmp_path):
    def make(text, name="mine.py", what="Lion"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return Reach(getattr(load(path, name).module, what)).fingerprint

    return make


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  # a comment", "  # another"),
        ('"""The formula."""', '"""Another."""'),
        ('"""Doc."""', '"""\n    Longer.\n    """'),
        ("UNUSED = 3", "UNUSED = 4"),
        ("return x + UNUSED", "return x - UNUSED"),
        ("params -= 1", "params -= 2"),
        ("def plot(x):", "\n\n\n\ndef plot(x):"),
        ("cube = maker(3)", "cube  =  maker( 3 )"),
    ],
)
def test_what_does_not_count(code, old, new):
    assert old in TEXT
    assert code(TEXT) == code(TEXT.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("self.lr * cube", "2 * self.lr * cube"),
        ("return np.sign(x)", "return np.tanh(x)"),
        ("* STEPS[0]", "* STEPS[1]"),
        ("np.array([1.0, 2.0])", "np.array([1.0, 2.5])"),
        ("np.array([1.0, 2.0])", "np.array([1.0, 2.0], np.float32)"),
        ("(2, 3)", "(2, 4)"),
        ("* len(OPTIONS)", "* len(OPTIONS) ** 2"),
        ("return x**power", "return x**(power + 1)"),
        ("cube = maker(3)", "cube = maker(5)"),
        ("return x + 1", "return x + 2"),
        ("return 2 * self.lr", "return 3 * self.lr"),
        ("class Lion(Base)", "class Lion(Other2)"),
    ],
)
def test_what_counts(code, old, new):
    text = TEXT.replace("def maker", "class Other2(Base):\n    extra = 1\n\n\ndef maker")
    assert old in text
    assert code(text) != code(text.replace(old, new))


def test_it_does_not_depend_on_the_place_or_the_process(code, tmp_path):
    here = code(TEXT)
    assert code(TEXT, "other.py") == here
    other = tmp_path / "elsewhere" / "mine.py"
    other.parent.mkdir()
    other.write_text("\n\n" + TEXT)
    program = (
        "from pathlib import Path; from optbench.registry.reach import Reach\n"
        "from optbench.registry.scripts import load\n"
        f"print(Reach(load(Path({str(other)!r}), 'mine.py').module.Lion).fingerprint)"
    )
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True,
            env={"PYTHONHASHSEED": seed, "PATH": ""},
        )  # fmt: skip
        assert done.stdout.strip() == here


def test_a_sibling_module_counts_by_what_is_used_of_it(code, tmp_path):
    helpers = "def sign(x):\n    return abs(x)\n\ndef unused(x):\n    return x\n"

    def with_sibling(name, content):
        (tmp_path / f"{name}.py").write_text(content)
        return code(f"import {name}\n" + TEXT.replace("np.sign(x)", f"{name}.sign(x)"), f"uses_{name}.py")

    def plain(name, content):
        (tmp_path / f"{name}.py").write_text(content)
        return code(f"from {name} import sign\n" + TEXT.replace("np.sign(x)", "sign(x)"), f"takes_{name}.py")

    same = plain("helpers_a", helpers)
    assert plain("helpers_b", helpers.replace("return x\n", "return x + 1\n")) == same
    assert plain("helpers_c", helpers.replace("abs(x)", "-x")) != same
    first = with_sibling("helpers_d", helpers)
    assert first != same
    assert not list(tmp_path.glob("__pycache__"))


def test_a_cycle_of_functions_and_of_values_ends(code):
    text = TEXT + textwrap.dedent(
        """
        KNOT = []
        KNOT.append(KNOT)

        def left(x):
            return right(x) if KNOT else Knotted

        def right(x):
            return left(x)

        class Knotted(Optimizer):
            def step(self, params, grads, state, context):
                left(Knotted)
        """
    )
    assert code(text, what="Knotted") == code(text.replace("UNUSED = 3", ""), what="Knotted")
    assert code(text, what="Knotted") != code(text.replace("if KNOT", "if not KNOT"), what="Knotted")


def test_without_source_the_bytecode_counts():
    def made(text):
        names = {"__name__": "nowhere_at_all", "np": np}
        exec(compile(textwrap.dedent(text), "<nothing>", "exec"), names)
        return Reach(names["Rule"]).fingerprint

    text = """
    LR = 0.5
    class Rule:
        def step(self, x):
            return [LR * np.sign(y) for y in x]
    """
    assert made(text) == made(text.replace("LR = 0.5", "LR = 0.5  # half"))
    assert made(text) != made(text.replace("LR = 0.5", "LR = 0.25"))
    assert made(text) != made(text.replace("np.sign", "np.abs"))


def test_an_edited_file_is_not_taken_for_what_runs(tmp_path):
    """The class is older than its file: the source there says nothing of it."""
    path = tmp_path / "late.py"
    before = "class Rule:\n    def step(self, x):\n        return x + 1\n"
    names = {"__name__": "nowhere_at_all"}
    exec(compile(before, str(path), "exec"), names)
    path.write_text(before)
    known = Reach(names["Rule"])
    assert "return x + 1" in known.texts["Rule"]
    path.write_text(before.replace("x + 1", "x + 2"))
    after = Reach(names["Rule"])
    assert after.texts == {}
    assert Reach(names["Rule"]).fingerprint == after.fingerprint


def test_what_is_met_is_named(tmp_path):
    path = Path(tmp_path / "lock.py")
    path.write_text("import threading\nLOCK = threading.Lock()\nclass A:\n    def f(self):\n        return LOCK\n")
    names = dict(Reach(load(path, "lock.py").module.A).met)
    assert type(names["LOCK"]).__name__ == "lock"


def test_what_a_library_made_in_a_call_counts_by_what_it_was_called_with():
    """A closure, a wrapper and a tuple of a library's: its name alone would say nothing of the arguments."""

    def fingerprint(value):
        names = {"__name__": "nowhere_at_all", "RULE": value}
        exec("class Rule:\n    def step(self, x):\n        return RULE(x)\n", names)
        return Reach(names["Rule"]).fingerprint

    def made(strict):
        function = json.scanner.py_make_scanner(json.JSONDecoder(strict=strict))
        assert "<locals>" in function.__qualname__
        return function

    assert fingerprint(made(True)) == fingerprint(made(True))
    assert fingerprint(made(True)) != fingerprint(made(False))
    pair = collections.namedtuple("pair", "init update")
    assert fingerprint(pair(1, made(True))) == fingerprint(pair(1, made(True)))
    assert fingerprint(pair(1, made(True))) != fingerprint(pair(1, made(False)))
    assert fingerprint(functools.lru_cache(made(True))) != fingerprint(functools.lru_cache(made(False)))
    assert fingerprint(functools.partial(pow, 2)) != fingerprint(functools.partial(pow, 3))


class Elsewhere:
    """An array of another library, whose pickle says where it lies."""

    def __init__(self, values):
        self.values = np.array(values, float)

    def __dlpack__(self, **options):
        return self.values.__dlpack__(**options)

    def __array__(self, dtype=None, copy=None):
        return self.values

    def __reduce__(self):
        return (str, (str(id(self)),))


def test_arrays_of_other_libraries_count_by_their_content():
    def held(values):
        array = Elsewhere(values)
        # a library's object that holds it is pickled, a list is gone through
        return [array, fractions.Fraction(1, 3), collections.Counter({"a": array})]

    one, same, other = (Reach(held(values)).fingerprint for values in ([1, 2], [1, 2], [1, 3]))
    assert one == same != other
