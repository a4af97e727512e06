"""What plugins offer is found by its name, and made from settings."""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest

from optbench.contract.components import Penalty, Schedule
from optbench.contract.errors import OptbenchError
from optbench.contract.hookspecs import hookimpl
from optbench.contract.hyperparameters import ComponentError, hyper
from optbench.registry.accepted import KINDS
from optbench.registry.faults import one_line
from optbench.registry.making import build
from optbench.registry.registry import Registry
from support.plugins import Good, Wrapper, module, offering, registered


def test_what_a_plugin_offers_is_found_with_its_provider():
    registry = registered(offering(Good, Wrapper))
    assert registry.problems == []
    assert registry.entry("optimizers", "good").component is Good
    assert registry.entry("optimizers", "good").provider == "first 1.0"
    assert registry.plugins["first:p"].offers == {"optimizers": ["good", "wrapper"]}


def test_two_hooks_of_one_plugin_and_two_plugins_add_up():
    @dataclass(frozen=True)
    class Flat(Schedule):
        name = "flat"

    both = module(optbench_optimizers=lambda: [Good], optbench_schedules=lambda: (Flat,))
    registry = registered(both, offering(Wrapper))
    assert registry.problems == []
    assert set(registry.components["optimizers"]) == {"good", "wrapper"}
    assert set(registry.components["schedules"]) == {"flat"}


def test_a_hook_that_gives_nothing_is_no_problem():
    assert registered(module(optbench_optimizers=lambda: None)).problems == []


def test_suites_are_known_by_their_file_name(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('title = "Mine"')
    registry = registered(module(optbench_suites=lambda: [file]))
    assert registry.suites == {"mine": (file, "first:p")}


def test_a_missing_component_lists_near_names():
    registry = registered(offering(Good))
    with pytest.raises(OptbenchError, match=r"there is no optimizer 'god'; did you mean 'good'\?"):
        registry.entry("optimizers", "god")
    with pytest.raises(OptbenchError, match="there is no schedule 'flat'; there are none"):
        registry.entry("schedules", "flat")


def test_of_a_bridges_hundred_names_none_is_listed_where_none_is_near():
    foreign = [dataclass(frozen=True)(type(f"C{k}", (Good,), {"name": f"far/{k}"})) for k in range(100)]
    registry = registered(offering(Good), offering(*foreign))
    with pytest.raises(OptbenchError, match=r"no optimizer 'zzzzzz'; valid names: good$"):
        registry.entry("optimizers", "zzzzzz")
    with pytest.raises(OptbenchError, match=r"did you mean 'far/17'"):
        registry.entry("optimizers", "far/17x")
    with pytest.raises(OptbenchError, match=r"valid names: far/0, .*, and 41 more$"):
        registry.entry("optimizers", "qqqqqq/zzzzzz")


def test_a_prefix_that_nothing_resolves_is_named():
    registry = registered(module(optbench_resolvers=lambda: {"torch": lambda kind, name: Good}))
    with pytest.raises(OptbenchError, match=r"no plugin resolves the prefix 'toch': did you mean 'torch'\?"):
        registry.entry("optimizers", "toch:mine:Class")


def test_a_missing_component_says_which_plugins_are_broken(importable):
    registry = registered(offering(Good))
    registry.load([(importable("lionish", "import no_such_package"), "optbench-lionish", "1.0")])
    with pytest.raises(OptbenchError) as caught:
        registry.entry("optimizers", "lionish")
    assert "not loaded: plugin optbench-lionish:p (import): ModuleNotFoundError" in str(caught.value)


def test_create_makes_components_within():
    registry = registered(offering(Good, Wrapper))
    made = registry.create(
        "optimizers", {"name": "wrapper", "inner": {"name": "good", "lr": np.float64(1)}, "period": 3}
    )
    assert made == Wrapper(Good(1.0), 3)
    assert registry.create("optimizers", {"name": "wrapper", **made.settings()}) == made


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"name": "good", "lt": 1}, "optimizer good: there is no setting 'lt'; valid names: lr"),
        ({"name": "good", "lr": -1}, r"optimizer good: lr must be in \[0, inf\), got -1"),
        ({"name": "good", "lr": "fast"}, "optimizer good: lr must be a number, got 'fast'"),
        ({"name": "wrapper"}, "optimizer wrapper: the setting 'inner' is missing"),
        ({"name": "wrapper", "inner": {"name": "god"}}, "there is no optimizer 'god'; did you mean 'good'"),
        ({"name": "wrapper", "inner": {"name": "good", "lr": -1}}, "optimizer good: lr must be in"),
        ({"lr": 0.1}, "optimizer: the setting 'name' is missing"),
    ],
)
def test_create_refuses_wrong_settings(settings, expected):
    registry = registered(offering(Good, Wrapper))
    with pytest.raises(OptbenchError, match=expected):
        registry.create("optimizers", settings)


def test_what_a_components_own_check_raises_is_a_message():
    @dataclass(frozen=True)
    class Picky(Penalty):
        name = "picky"
        strength: float = hyper(1.0)

        def __post_init__(self):
            super().__post_init__()
            if self.strength == 3:
                raise ValueError("three is right out")

    assert build(Picky, {"strength": 2}).strength == 2
    with pytest.raises(ComponentError, match="regularizer picky: ValueError: three is right out"):
        build(Picky, {"strength": 3})


def test_a_plugin_may_be_any_object_with_hooks():
    plugin = SimpleNamespace(optbench_optimizers=hookimpl(lambda: [Good]))
    assert registered(plugin).problems == []


def test_one_line_is_one_line():
    assert one_line(ValueError("a\nb")) == "ValueError: a"
    assert one_line(ValueError()) == "ValueError: no message"
    assert one_line(OptbenchError("read this")) == "read this"


def test_every_kind_has_its_hook():
    registry = Registry()
    for kind in (*KINDS, "suites"):
        assert hasattr(registry.manager.hook, f"optbench_{kind}")
