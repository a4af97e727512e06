# ruff: noqa: E501 - a table of one case a line
"""Grids: which candidates they make, fractions, and what is said of a wrong one."""

import math

import pytest

from optbench.contract.errors import OptbenchError
from optbench.suite import parse, validate

HEAD = """
title = "T"
[[workloads]]
name = "bowl"
function = "bowl"
steps = 10
"""
CROSS = """
[[grid]]
optimizer = ["sgd", { name = "adam", search = ["lr"] }]
schedule = ["constant", { name = "inverse-time", label = "decay" }]
"""
EIGHT = CROSS + 'initializer = ["glorot-uniform", "small-normal"]\nregularizer = ["none", "l2"]\n'


def grid(text, registry):
    return parse(HEAD + text, "x.toml", registry)


def test_all_combinations_become_candidates(registry):
    suite = grid(CROSS, registry)
    assert [c.name for c in suite.candidates] == ["sgd", "sgd+decay", "adam", "adam+decay"]
    last = suite.candidates[-1]
    assert last.optimizer["name"] == "adam"
    assert set(last.optimizer["search"]) == {"lr"}
    assert last.schedule["name"] == "inverse-time"
    assert last.levels == {"optimizer": "adam", "schedule": "decay"}
    assert suite.designs == {"grid": {"optimizer": ("sgd", "adam"), "schedule": ("constant", "decay")}}


def test_a_stored_suite_reads_as_it_was(registry):
    suite = grid(EIGHT, registry)
    assert validate(suite.model_dump(mode="json"), "store", registry) == suite


def test_none_and_several_are_levels_of_lists(registry):
    text = (
        '[[grid]]\noptimizer = ["sgd"]\nregularizer = ["none", "l2"]\n'
        'normalizer = ["none", { several = ["batch-norm"], label = "bn" }]\nbatch_size = 8\nworkloads = ["bowl"]\n'
    )
    suite = grid(text, registry)
    assert [c.name for c in suite.candidates] == ["sgd", "sgd+l2", "sgd+bn", "sgd+bn+l2"]
    plain, *_, both = suite.candidates
    assert (plain.regularizers, plain.normalizers) == ([], [])
    assert [table["name"] for table in both.regularizers + both.normalizers] == ["l2", "batch-norm"]
    assert all(c.batch_size == 8 and c.workloads == ("bowl",) for c in suite.candidates)
    # one level is no factor
    assert "optimizer" not in suite.designs["grid"]


@pytest.mark.parametrize(("minus", "sign"), [("", 1), ("-", -1)])
def test_a_generator_keeps_the_half_with_its_sign(registry, minus, sign):
    suite = grid(EIGHT + f'generators = ["regularizer = {minus}optimizer * schedule * initializer"]\n', registry)
    assert len(suite.candidates) == 8
    for candidate in suite.candidates:
        signs = {f: 2 * suite.designs["grid"][f].index(level) - 1 for f, level in candidate.levels.items()}
        assert signs.pop("regularizer") == sign * math.prod(signs.values())
    # every level is there as often, and so is every pair of levels
    for factor, levels in suite.designs["grid"].items():
        for other in set(suite.designs["grid"]) - {factor}:
            pairs = [(c.levels[factor], c.levels[other]) for c in suite.candidates]
            assert {pairs.count(pair) for pair in pairs} == {2}
            assert {first for first, _ in pairs} == set(levels)


def test_two_generators_keep_a_quarter(registry):
    text = EIGHT + 'generators = ["regularizer = optimizer * schedule", "initializer = -optimizer * schedule"]\n'
    assert len(grid(text, registry).candidates) == 4


def test_grids_stand_beside_candidates_and_each_other(registry):
    text = '[[candidates]]\nname = "mine"\n' + CROSS + '[[grid]]\nname = "second"\noptimizer = ["fragile", "lookahead"]\n'
    suite = grid(text, registry)
    assert [c.name for c in suite.candidates] == ["mine", "sgd", "sgd+decay", "adam", "adam+decay", "fragile", "lookahead"]
    assert list(suite.designs) == ["grid", "second"]
    assert suite.candidates[0].design is None


def test_claims_may_name_the_candidates_of_a_grid(registry):
    claim = '[[claims]]\nstatement = "s"\nworkload = "bowl"\nmetric = "final_train_loss"\n'
    claim += 'better = "adam+decay"\nworse = "adam"\nthan = ["sgd+decay", "sgd"]\n'
    assert grid(CROSS + claim, registry).claims[0].than == ("sgd+decay", "sgd")
    with pytest.raises(OptbenchError, match="there is no candidate 'adam\\+decai'; did you mean 'adam\\+decay'"):
        grid(CROSS + claim.replace("adam+decay", "adam+decai"), registry)


def levels(text):
    return f"[[grid]]\n{text}\n"


G = 'x.toml: grid[0]'
BAD = {
    "near name": (levels('optimizer = ["sgd", "adm"]'), f"{G}: optimizer: there is no optimizer 'adm'; did you mean 'adam'"),
    "setting": (levels('optimizer = ["sgd", { name = "adam", lrr = 1 }]'), "there is no setting 'lrr'; did you mean 'lr'"),
    "field": (levels('optimiser = ["sgd", "adam"]'), f"{G}: there is no field 'optimiser'; did you mean 'optimizer'"),
    "twice": (levels('optimizer = ["sgd", "sgd"]'), f"{G}: optimizer: two levels are called 'sgd': give one a label"),
    "no list": (levels('optimizer = "sgd"'), f"{G}: optimizer: must be a list of its levels, got 'sgd'"),
    "empty": (levels("optimizer = []"), f"{G}: optimizer: must be a list of its levels"),
    "plus": (levels('optimizer = ["sgd", { name = "adam", label = "a+b" }]'), "level 1: label must be a text without +"),
    "label": (levels('optimizer = ["sgd", { name = "adam", label = 3 }]'), "level 1: label must be a text without +, got 3"),
    "nothing": (levels('optimizer = ["sgd"]'), f'{G} "grid": nothing is crossed: no factor has two levels'),
    "many": (CROSS + "most = 3\n", f'{G} "grid": 2 x 2 are 4 candidates, more than 3: name fewer levels'),
    "halved": (EIGHT + 'most = 3\ngenerators = ["regularizer = optimizer * schedule"]\n', "2 x 2 x 2 x 2, halved 1 times are 8 candidates"),
    "generator": (CROSS + 'generators = ["schedule"]\n', f'{G}: generators: must be such as "regularizer = optimizer * schedule"'),
    "factor": (EIGHT + 'generators = ["regularizer = optimizer * schedul"]\n', "there is no factor 'schedul' in this grid; did you mean 'schedule'"),
    "three": (levels('optimizer = ["sgd", "adam", "fragile"]\nschedule = ["constant", "inverse-time"]\nregularizer = ["none", "l2"]\ngenerators = ["regularizer = optimizer * schedule"]'), "optimizer has 3 levels: only factors of two"),
    "itself": (EIGHT + 'generators = ["regularizer = regularizer * schedule"]\n', "a factor is there twice"),
    "chain": (EIGHT + 'generators = ["regularizer = optimizer * schedule", "initializer = regularizer * schedule"]\n', "regularizer is in two of them"),
    "taken": ('[[candidates]]\nname = "adam"\n' + CROSS, f"{G} \"grid\": a candidate would be called 'adam', a name that is taken in candidates"),
    "same design": (CROSS + CROSS, 'x.toml: grid[1] "grid": name: there is another design of this name'),
    "workload": (CROSS + 'workloads = ["bwl"]\n', "workloads: there is no workload 'bwl'; did you mean 'bowl'"),
    "design": ('[[candidates]]\nname = "adam"\ndesign = "x"\n', "design: there is no design 'x'"),
    "no design": ('[[candidates]]\nname = "adam"\nlevels = { optimizer = "a" }\n', "levels: of which design?"),
    "levels": ('[[candidates]]\nname = "adam"\ndesign = "x"\n[designs.x]\noptimizer = ["a", "b"]\n', "levels: must say one of each factor of design 'x': optimizer"),
    "level": ('[[candidates]]\nname = "adam"\ndesign = "x"\nlevels = { optimizer = "adm" }\n[designs.x]\noptimizer = ["adam", "b"]\n', "levels: optimizer has no level 'adm'; did you mean 'adam'"),
    "cell": ('[[candidates]]\nname = "p"\ndesign = "x"\nlevels = { optimizer = "a" }\n[[candidates]]\nname = "q"\ndesign = "x"\nlevels = { optimizer = "a" }\n[designs.x]\noptimizer = ["a", "b"]\n', "levels: they are those of 'p', too"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_mistake_is_told(name, registry):
    text, expected = BAD[name]
    with pytest.raises(OptbenchError) as caught:
        grid(text, registry)
    assert expected in str(caught.value)
