"""Components that are handed in: from files, from classes and instances; what is refused, and in which words."""

import pickle
import subprocess
import sys
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import optbench
from optbench.contract.components import Initializer, Optimizer
from optbench.contract.errors import OptbenchError
from optbench.contract.hookspecs import hookimpl
from optbench.contract.hyperparameters import hyper
from optbench.registry.guests import admit, invite, named, recall
from optbench.registry.registry import Registry, built_in
from optbench.registry.scripts import load

HEAD = """
from dataclasses import dataclass
import numpy as np
from optbench import Initializer, Optimizer, Schedule, hyper
"""
LION = """
@dataclass(frozen=True)
class Lion(Optimizer):
    name = "mine"
    lr: float = hyper(1e-3, low=1e-5, high=1e-1, scale="log")

    def step(self, params, grads, state, context):
        params -= self.lr * np.sign(grads)
"""
TIGER = LION.replace("class Lion", "class Tiger").replace('"mine"', '"tiger"')
WARM = """
@dataclass(frozen=True)
class Warm(Schedule):
    def factor(self, progress):
        return 1.0
"""


@pytest.fixture
def registry():
    return built_in()


@pytest.fixture
def file(tmp_path):
    def write(text, name="mine.py"):
        path = tmp_path / name
        path.write_text(HEAD + text, encoding="utf-8")
        return path

    return write


@dataclass(frozen=True)
class Local(Optimizer):
    """Of this module."""

    name = "local"
    lr: float = hyper(0.1, low=1e-3, high=1, scale="log")
    inner: Any = None

    def step(self, params, grads, state, context):
        params -= self.lr * grads


@dataclass(frozen=True)
class Nameless(Initializer):
    def draw(self, shape, fan_in, fan_out, rng):
        return np.ones(shape)


# -------------------------------------------------------------------------------------------------- from files


def test_a_file_with_one_component_needs_no_name(registry, file):
    file(LION)
    invited = invite(registry, "mine.py", file(LION).parent)
    assert (invited.kind, invited.name, invited.own, invited.settings) == ("optimizers", "mine.py:Lion", "mine", None)
    made = registry.create("optimizers", {"name": "mine.py:Lion", "lr": 0.5})
    assert (made.name, made.lr) == ("mine.py:Lion", 0.5)
    entry = registry.entry("optimizers", "mine.py:Lion")
    assert entry.provider == "mine.py"
    assert entry.code == entry.guest.code


def test_bases_of_a_file_are_none_of_its_components(registry, file):
    base = "class Base(Optimizer):\n    pass\n" + LION.replace("(Optimizer)", "(Base)")
    assert invite(registry, str(file(base))).name == "mine.py:Lion"


def test_where_one_kind_is_asked_for_the_file_has_to_have_one_of_it(registry, file):
    path = str(file(LION + WARM))
    assert named(registry, "schedules", path) == "mine.py:Warm"
    assert named(registry, "optimizers", path) == "mine.py:Lion"
    assert named(registry, "optimizers", "adam") == "adam"
    with pytest.raises(OptbenchError, match=r"mine\.py:Warm is a schedule, not an optimizer"):
        named(registry, "optimizers", f"{path}:Warm")


def test_a_file_is_executed_once_and_again_when_it_changed(registry, file):
    path = file("import sys\nsys.modules.setdefault('counted', []).append(1)\n" + LION)
    sys.modules.pop("counted", None)
    for _ in range(3):
        invite(registry, str(path))
    assert len(sys.modules["counted"]) == 1
    before = registry.entry("optimizers", "mine.py:Lion")
    path.write_text(path.read_text().replace("np.sign", "np.tanh"))
    invite(registry, str(path))
    after = registry.entry("optimizers", "mine.py:Lion")
    assert len(sys.modules.pop("counted")) == 2
    assert before.code != after.code
    assert list(path.parent.iterdir()) == [path]  # and nothing was written beside it


def test_siblings_are_importable_while_it_loads(registry, file):
    (file("").parent / "guests_sibling.py").write_text("FACTOR = 2.0\n\ndef twice(x):\n    return FACTOR * x\n")
    path = file("import guests_sibling\n" + LION.replace("np.sign(grads)", "guests_sibling.twice(grads)"))
    invite(registry, str(path))
    assert str(path.parent) not in sys.path
    assert not (path.parent / "__pycache__").exists()


def test_a_sibling_that_is_imported_too_late(registry, file):
    (file("").parent / "guests_late.py").write_text("def sign(x):\n    return x\n")
    imports = "        import guests_late\n        import not_here_either\n"
    late = LION.replace("        params -=", f"{imports}        params -=")
    with pytest.raises(OptbenchError, match=r"mine\.py:Lion imports guests_late within a function, where no worker"):
        invite(registry, str(file(late)))


def test_by_name_in_a_script(file):
    path = file(LION + WARM)
    assert optbench.get(f"{path}:Lion", lr=0.25).settings() == {"lr": 0.25}
    assert optbench.get(f"{path}:Warm").name == "mine.py:Warm"


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        (LION, "mine.py:Lyon", r"mine\.py has no 'Lyon'; did you mean 'Lion'\?"),
        (LION, "min.py:Lion", r"there is no file .*min\.py; did you mean 'mine\.py'\?"),
        (LION, "mine.py:", "the name of a component is missing behind the colon"),
        (LION + TIGER, "mine.py", r"has several components: write .*mine\.py:Lion or .*mine\.py:Tiger"),
        ("x = 1", "mine.py", r"mine\.py has no component: a class such as Lion"),
        (LION + TIGER + "class Helper:\n    pass", "mine.py:Helper", "Helper is no component; mine.py has Lion, Tiger"),
        (
            "import dataclasses, optbench\n@dataclasses.dataclass(frozen=True)\nclass A(optbench.Optimizer):\n    pass",
            "mine.py", "optimizer mine.py:A: A has no method step, which it must have",
        ),
        (LION + "\ndef step(:\n", "mine.py", r"mine\.py, line 14: not Python: invalid syntax"),
        (LION + "\n1 / 0\n", "mine.py", r"mine\.py, line 14: ZeroDivisionError: division by zero"),
        ("raise SystemExit(3)", "mine.py", r"mine\.py, line 5: SystemExit: 3"),
        ("import not_a_module_at_all", "mine.py", r"mine\.py, line 5: ModuleNotFoundError: No module named 'not_a"),
        (LION.replace("(frozen=True)", ""), "mine.py", r"Lion must be a @dataclass\(frozen=True\)"),
        (LION.replace("low=1e-5, high=1e-1", "low=1, high=0.1"), "mine.py", "low"),
        ("import threading\nLOCK = threading.Lock()\n" + LION.replace("np.sign(grads)", "LOCK"), "mine.py",
         r"mine\.py:Lion cannot be sent to a worker process: LOCK is a _thread\.lock, .*pickle"),
        ("import threading\n" + LION + "    lock = threading.Lock()\n", "mine.py",
         r"cannot be sent to a worker process: Lion\.lock is a _thread\.lock"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file_is_one_message(registry, file, text, name, message):
    path = file(text)
    with pytest.raises(OptbenchError, match=message) as error:
        invite(registry, str(path.parent / name))
    assert "\n" not in str(error.value)
    assert registry.guests == []


def test_bytes_that_are_no_text(registry, tmp_path):
    (tmp_path / "odd.py").write_bytes(b"x = '\xff'\n")
    with pytest.raises(OptbenchError, match=r"odd\.py"):
        invite(registry, str(tmp_path / "odd.py"))
    (tmp_path / "folder.py").mkdir()
    with pytest.raises(OptbenchError, match=r"folder\.py cannot be read"):
        invite(registry, str(tmp_path / "folder.py"))


def test_two_files_of_one_name(registry, file, tmp_path):
    invite(registry, str(file(LION)))
    other = tmp_path / "other" / "mine.py"
    other.parent.mkdir()
    other.write_text(HEAD + LION)
    invite(registry, str(other))  # the same code is the same component
    other.write_text(HEAD + LION.replace("np.sign", "np.tanh"))
    invite(registry, str(file(LION)))
    with pytest.raises(OptbenchError, match=r"mine\.py:Lion is the name of one of .*: give the file or the class an"):
        invite(registry, str(other))


# ----------------------------------------------------------------------------------------- classes and instances


def test_a_class_and_an_instance(registry):
    invited = invite(registry, Local)
    assert invited.name == f"{__name__}:Local"
    assert registry.create("optimizers", {"name": invited.name}).step is not None
    again = invite(registry, Local(lr=0.25))
    assert again.settings == {"lr": 0.25, "inner": None}
    assert Local.name == "local", "the class itself stays as it is"


def test_an_instance_within_an_instance_is_registered_too(registry):
    invited = invite(registry, Local(inner=Local(lr=0.5)))
    assert invited.settings["inner"] == {"name": f"{__name__}:Local", "lr": 0.5, "inner": None}


def test_objects_of_a_file_are_candidates_as_long_as_it_is_the_same(registry, file):
    path = file(LION)
    invite(registry, str(path))
    made = registry.create("optimizers", {"name": "mine.py:Lion", "lr": 0.5})
    invite(registry, str(path))
    assert invite(registry, made).settings == {"lr": 0.5}
    assert invite(registry, type(made)).name == "mine.py:Lion"
    path.write_text(path.read_text().replace("np.sign", "np.tanh"))
    invite(registry, str(path))
    with pytest.raises(OptbenchError, match=r"mine\.py:Lion is the name of one of .*mine\.py"):
        invite(registry, made)  # it is of what the file was


ODD = """
from __future__ import annotations
from enum import Enum
from functools import cached_property, lru_cache
""" + HEAD + """
class Mode(Enum):
    HALF = 0.5

class Rule:
    __slots__ = ("power",)
    def __init__(self, power):
        self.power = power
    def __call__(self, x):
        return x**self.power

SQUARE = Rule(2)

@lru_cache(maxsize=7)
def coefficient(n):
    return 1.0 + n

@dataclass(frozen=True)
class Odd(Optimizer):
    lr: float = hyper(1.0, low=0.5, high=2)
    mode = Mode.HALF
    @cached_property
    def twice(self):
        return 2 * self.lr
    @classmethod
    def scaled(cls, x):
        return cls.mode.value * SQUARE(x) * coefficient(2)
    def step(self, params, grads, state, context):
        super().evaluation_params(params, state)
        params -= self.twice * self.scaled(grads)
"""


def test_what_pickles_go_by_names_for_travels_too(registry, tmp_path):
    """Enumerations, slots, cached properties and functions, `super()`: in a process that has no such module."""
    (tmp_path / "odd.py").write_text(ODD)
    invite(registry, str(tmp_path / "odd.py"))
    program = (
        "import pickle, sys; import numpy as np; from optbench.registry.guests import admit\n"
        "from optbench.registry.registry import built_in\n"
        "there = built_in()\n"
        "assert admit(there, pickle.load(sys.stdin.buffer)) == []\n"
        "params = np.zeros(2)\n"
        "there.create('optimizers', {'name': 'odd.py:Odd'}).step(params, np.array([1.0, 2.0]), {}, None)\n"
        "print(params.tolist())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input=pickle.dumps(registry.guests), capture_output=True, check=False
    )
    assert done.stdout.decode().strip() == "[-3.0, -12.0]", done.stderr.decode()


def test_what_is_registered_already_is_itself(registry):
    adam = registry.entry("optimizers", "adam").component
    assert invite(registry, adam).name == "adam"
    assert invite(registry, adam(lr=0.5)).settings["lr"] == 0.5
    assert registry.guests == []


@pytest.mark.parametrize("thing", [object, 3, np.zeros(3), lambda: 3, ModuleType, None, Optimizer])
def test_what_is_no_component(registry, thing):
    with pytest.raises(OptbenchError):
        invite(registry, thing)
    assert registry.guests == []


def test_a_class_of_another_library_is_adapted_by_its_plugin(registry):
    class Foreign:
        def rate(self):
            return 0.5

    plugin = ModuleType("foreign_plugin")

    @hookimpl
    def optbench_adapts(found, name):
        if not (isinstance(found, type) and hasattr(found, "rate")):
            return None

        @dataclass(frozen=True)
        class Adapted(Optimizer):
            def step(self, params, grads, state, context):
                params -= found().rate() * grads

        Adapted.name, Adapted.bridge = name, "foreign 1.0"
        return Adapted

    plugin.optbench_adapts = optbench_adapts
    with pytest.raises(OptbenchError, match=r"Foreign is a class and no component: subclass optbench\.Optimizer"):
        invite(registry, Foreign)
    registry.register(plugin, "foreign:p", "foreign", "1.0")
    invited = invite(registry, Foreign)
    entry = registry.entry("optimizers", invited.name)
    assert invited.name == f"{__name__}:Foreign"
    assert entry.provider == f"{__name__} via foreign 1.0"
    other = built_in()
    assert "no plugin here makes a component of" in admit(other, registry.guests)[0]
    other.register(plugin, "foreign:p", "foreign", "1.0")
    assert admit(other, registry.guests) == []
    params = np.ones(2)
    other.create("optimizers", {"name": invited.name}).step(params, np.ones(2), {}, None)
    assert params.tolist() == [0.5, 0.5]


# ---------------------------------------------------------------------------------------------------- elsewhere


def test_another_version_of_python_is_told(registry):
    invite(registry, Nameless)
    (guest,) = registry.guests
    assert pickle.loads(pickle.dumps(guest)) == guest
    (message,) = admit(built_in(), [replace(guest, python="2.7")])
    assert "travels by its code, which is of Python 2.7" in message
    (message,) = admit(built_in(), [replace(guest, payload=b"no pickle")])
    assert f"{guest.name} cannot be made here" in message


def test_a_store_brings_back_files_as_they_were(registry, file, monkeypatch):
    path = file(LION)
    invite(registry, str(path))
    records = [guest.record for guest in registry.guests]
    other = Registry()
    recall(other, records)
    assert other.guests == []  # a store is not to choose among the programs of a machine
    monkeypatch.chdir(path.parent)
    recall(other, records)
    assert "mine.py:Lion" in other.components["optimizers"]
    path.write_text(path.read_text() + "\n# changed")
    other = Registry()
    recall(other, records)
    assert other.guests == []  # it may do anything by now
    recall(other, records, [str(path)])
    assert other.entry("optimizers", "mine.py:Lion").code == records[0]["code"]
    with pytest.raises(OptbenchError, match=r"Nameless is none of the components that were handed in: mine\.py:Lion"):
        recall(other, records, [Nameless])


def test_source_in_a_store_is_never_executed(file):
    path = file(LION)
    record = {
        "kind": "optimizers", "name": "__main__:Lion", "code": "", "provider": "__main__", "own": "", "place": "",
        "digest": "", "text": f"open({str(path.parent / 'trap')!r}, 'w')",
    }  # fmt: skip
    other = Registry()
    recall(other, [record])
    assert other.guests == []
    recall(other, [record], [str(path)])  # under the name that the store has
    assert [guest.name for guest in other.guests] == ["__main__:Lion"]
    assert not (path.parent / "trap").exists()


def test_what_an_earlier_run_sent_gives_way(registry, file, tmp_path):
    """A worker that stays has two runs' classes of one name, from two places: the last holds."""
    invite(registry, str(file(LION)))
    there = built_in()
    assert admit(there, registry.guests) == []
    other = tmp_path / "other" / "mine.py"
    other.parent.mkdir()
    other.write_text(HEAD + LION.replace("np.sign", "np.tanh"))
    second = built_in()
    invite(second, str(other))
    assert admit(there, second.guests) == []
    assert there.entry("optimizers", "mine.py:Lion").code == second.guests[0].code


def test_a_name_that_was_not_given(registry):
    with pytest.raises(OptbenchError, match=r"of a file that was not given"):
        registry.entry("optimizers", "mine.py:Lion")


def test_loading_knows_its_text(file):
    path = file(LION)
    script = load(path, "mine.py")
    assert set(script.components) == {"Lion"}
    assert script.text == path.read_text()
