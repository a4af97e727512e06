"""The public names: there, documented, cheap, and all that plugins, docs, templates and examples use."""

import inspect
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import optbench
from optbench.contract import hookspecs

ROOT = Path(__file__).parents[2]
PUBLIC = ("optbench", "optbench.bridging", "optbench.testing", "optbench.statistics", "optbench.report")
#: by `python -m`, as CONTRIBUTING and docs/statistics.md say
COMMANDS = ("cli", "referee")
NAMES = [(module, name) for module in PUBLIC for name in import_module(module).__all__]


# ------------------------------------------------------------------------------------------------------- the names


@pytest.mark.parametrize(("module", "name"), NAMES)
def test_every_public_name_is_there_and_says_what_it_is(module, name):
    value = getattr(import_module(module), name)
    if inspect.isclass(value) or inspect.isfunction(value):
        text = inspect.cleandoc(value.__doc__ or "")
        assert text
        assert not text.startswith(f"{value.__name__}("), "the dataclass's own, which says nothing"
    else:
        assert re.search(rf"^#: .*\n{name}\b", source_of(module, name), re.MULTILINE), f"no #: line above {name}"


def source_of(module, name):
    """The text of the file that assigns a public name."""
    home = optbench._homes().get(name) if module == "optbench" else None
    homes = [home] if home else [m for m in sorted(sys.modules) if m.startswith(module)]
    texts = [Path(sys.modules[m].__file__).read_text(encoding="utf-8") for m in homes]
    return next(text for text in texts if re.search(rf"^{name}\b.* = ", text, re.MULTILINE))


@pytest.mark.parametrize("module", PUBLIC)
def test_names_are_given_once_and_shown(module):
    module = import_module(module)
    assert len(set(module.__all__)) == len(module.__all__)
    assert set(dir(module)) >= set(module.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = module.nonsense


def test_type_checkers_see_just_the_public_names():
    assert sorted(optbench._homes()) == sorted(optbench.__all__)


# ---------------------------------------------------------------------------------------------------------- costs


def imported(statement):
    """Top packages that are no part of Python, and modules of optbench, that a new process has after it."""
    code = f"import sys; before = set(sys.modules); {statement}; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    found = done.stdout.split()
    tops = {name.partition(".")[0] for name in found} - set(sys.stdlib_module_names)
    tops = {name for name in tops if "cython" not in name}  # NumPy's
    return tops, [name for name in found if name.startswith("optbench.")]


def test_importing_optbench_costs_nothing():
    assert imported("import optbench") == ({"optbench"}, [])


def test_a_name_brings_its_own_room_alone():
    tops, modules = imported("from optbench import Optimizer")
    assert tops == {"optbench", "numpy"}
    assert {name.split(".")[1] for name in modules} == {"contract"}


def test_the_contract_needs_numpy_only_and_its_hooks_pluggy():
    files = sorted(path.stem for path in (ROOT / "optbench" / "contract").glob("[a-z]*.py"))
    assert "components" in files
    without = "; ".join(f"import optbench.contract.{name}" for name in files if name != "hookspecs")
    assert imported(without)[0] == {"optbench", "numpy"}
    assert imported("import optbench.contract.hookspecs")[0] <= {"optbench", "numpy", "pluggy"}


# ------------------------------------------------------------------------------------------ who uses which names


def texts():
    """(where, text) of what strangers read and copy."""
    for path in sorted([*(ROOT / "plugins").rglob("*.py"), *(ROOT / "optbench" / "scaffold").rglob("*.j2")]):
        yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")
    for path in sorted([*(ROOT / "docs").glob("*.md"), ROOT / "README.md", *(ROOT / "plugins").glob("*/README.md")]):
        yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")
    for hook in dir(hookspecs):
        if hook.startswith("optbench_"):
            yield hook, inspect.getdoc(getattr(hookspecs, hook))


def private(text):
    """What a text uses of optbench that is not public, as code or in words."""
    found = []
    for module, names in re.findall(r"from (optbench(?:\.\w+)*) import (\([^)]*\)|[^\n\\]*)", text):
        given = import_module(module).__all__ if module in PUBLIC else []
        names = re.sub(r"#.*", "", names)
        for name in re.findall(r"(\w+)(?: as \w+)?\s*(?:,|$|\)|;)", names):
            if name not in given and f"{module}.{name}" not in PUBLIC:
                found.append(f"{module}.{name}")
    for before, name in re.findall(r"(-m |\"-m\", \"|)(?<![\w./-])optbench\.([a-z_]\w*)", text, re.IGNORECASE):
        known = name in optbench.__all__ or f"optbench.{name}" in PUBLIC or (before and name in COMMANDS)
        if not known:
            found.append(f"optbench.{name}")
    return found


@pytest.mark.parametrize(("where", "text"), [pytest.param(where, text, id=where) for where, text in texts()])
def test_strangers_use_public_names_only(where, text):
    assert private(text) == []


@pytest.mark.parametrize("text", [
    "from optbench.contract.layout import Layout\n",
    "from optbench import Layout, Registry\n",
    "from optbench.testing import (\n    offered,\n    Drive,\n)\n",
    "import optbench.store.store",
    "see `optbench.nn` for layers",
    "optbench.cli.main()",
    "optbench.Registry()",
])  # fmt: skip
def test_a_private_name_is_seen(text):
    assert len(private(text)) >= 1


@pytest.mark.parametrize("text", [
    "from optbench import Layout, Trial  # noqa: E402\n",
    "from optbench.testing import (\n    offered,  # what\n    trial_of,\n)\n",
    "import optbench; optbench.load('x')",
    "python -m optbench.referee --samples 400",
    '[sys.executable, "-m", "optbench.cli", "run"]',
])  # fmt: skip
def test_a_public_name_is_not_held_against_one(text):
    assert private(text) == []
