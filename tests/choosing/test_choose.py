"""Which workloads a suite takes from a pool, by the rules that stand in the script."""

import tomllib
from pathlib import Path

import pandas as pd
from choosing.choose import chosen

SUITES = Path(__file__).parents[2] / "suites"
#: what a suite adds to a workload of the pool
OWN = {"target"}


def frame(rows):
    """From {name: (family, told, price, again)}; all else is of no matter to the rules."""
    index = pd.Index(rows, name="workload")
    return pd.DataFrame(list(rows.values()), columns=["family", "told", "price", "again"], index=index)


def alike(names, pairs=()):
    rho = pd.DataFrame(0.0, index=list(names), columns=list(names))
    for a, b in pairs:
        rho.loc[a, b] = rho.loc[b, a] = 0.95
    return rho


def test_what_tells_nothing_or_another_order_tomorrow_is_out():
    rows = {"dull": ("f", 0.2, 1.0, 0.9), "fickle": ("f", 0.9, 1.0, 0.1), "good": ("f", 0.9, 1.0, 0.9)}
    why = chosen(frame(rows), alike(rows))
    assert "tells 20%" in why["dull"]
    assert "orders otherwise" in why["fickle"]
    assert why["good"] == ""


def test_a_workload_that_was_tuned_once_is_not_out_for_that():
    rows = {"once": ("f", 0.9, 1.0, float("nan"))}
    assert chosen(frame(rows), alike(rows))["once"] == ""


def test_of_two_that_say_the_same_in_a_family_the_dear_one_goes():
    rows = {"dear": ("f", 0.9, 2.0, 0.9), "cheap": ("f", 0.9, 1.0, 0.9), "other": ("g", 0.9, 9.0, 0.9)}
    why = chosen(frame(rows), alike(rows, [("dear", "cheap"), ("dear", "other")]))
    assert "what cheap says" in why["dear"]
    assert why["cheap"] == why["other"] == ""


def test_families_take_turns_and_twins_stay_together():
    rows = {
        "zipf": ("words", 0.9, 3.0, 0.9), "balanced": ("words", 0.1, 9.0, 0.9),
        "a": ("nets", 0.9, 1.0, 0.9), "b": ("nets", 0.9, 1.5, 0.9),
    }  # fmt: skip
    three = chosen(frame(rows), alike(rows), wanted=3)
    assert [name for name, reason in three.items() if not reason] == ["zipf", "balanced", "a"]
    rows["zipf"] = ("words", 0.1, 3.0, 0.9)
    assert chosen(frame(rows), alike(rows))["balanced"] == "its twin is out"


def test_the_workloads_of_standard_are_those_of_the_pool():
    text = (SUITES / "choosing/pool.toml").read_text(encoding="utf-8")
    pool = {w["name"]: w for w in tomllib.loads(text)["workloads"]}
    standard = tomllib.loads((SUITES / "optbench_suites/standard.toml").read_text(encoding="utf-8"))
    for workload in standard["workloads"]:
        assert {k: v for k, v in workload.items() if k not in OWN} == pool[workload["name"]]
        assert workload["family"]
        assert workload["shows"]
        assert workload["name"] in standard["provenance"]
