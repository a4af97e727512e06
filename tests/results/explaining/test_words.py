"""The sentences: what they say of the whole, of shares, of orders and of misses."""

import math

from optbench.results.explaining.words import explained, missed, share_text
from optbench.statistics.waterfall import BOUNDS, ENDS, UNTOLD, Chain, losses, waterfall
from tests.statistics.conftest import exact, noise
from tests.statistics.conftest import table as trials_table

BOTH = [Chain("forward", ("lr", "code"), ("a", "a+lr", "b")), Chain("reverse", ("code", "lr"), ("a", "a+code", "b"))]
NAN = math.nan


def said(trials, metric="steps"):
    table = waterfall(trials, BOTH)
    rows = table[(table["metric"] == metric) & (table["workload"] == "w0")].to_dict("records")
    return explained("a", "b", metric, rows, 1)


def test_the_whole_and_the_shares_largest_first():
    (text,) = said(exact({"a": [100], "a+lr": [80], "a+code": [62.5], "b": [50]}))
    lr, code = (round(100 * math.log(ratio) / math.log(0.5)) for ratio in (0.8, 0.625))
    shares = f"code explains {code} % [{code}, {code}] and lr {lr} % [{lr}, {lr}]"
    assert text == f"of the 50 % that b is faster than a on w0 (0.50 [0.50, 0.50] times its steps), {shares}"


def test_who_is_slower_or_worse_is_said():
    (text,) = said(exact({"a": [50], "a+lr": [50], "a+code": [60], "b": [60]}))
    assert text.startswith("of the 20 % that b is slower than a on w0 (1.20 [1.20, 1.20] times its steps), code expl")
    trials = exact({"a": [50], "a+lr": [50], "a+code": [60], "b": [60]})
    trials["final_test_metric"] = trials["candidate"].map({"a": 0.9, "a+lr": 0.8, "a+code": 0.9, "b": 0.8})
    (text,) = said(trials, "final")
    assert text.startswith("of the -10.0 % [-10.0, -10.0] by which b ends worse than a on w0, lr explains 100 %")


def test_what_depends_on_the_order_is_said():
    _, text = said(exact({"a": [100], "a+lr": [50], "a+code": [50], "b": [50]}))
    assert text == (
        "lr depends on what else was changed: 100 % [100, 100] in the order shown and 0 % [0, 0] in reverse; "
        "shares are means of both"
    )


def test_one_order_speaks_where_the_other_meets_no_target():
    (text,) = said(exact({"a": [100], "a+lr": [80], "a+code": [math.inf], "b": [50]}))
    assert f"(in the order shown; in the other order {BOUNDS})" in text
    assert "lr 32 % [32, 32]" in text
    (text,) = said(exact({"a": [100], "a+lr": [math.inf], "a+code": [math.inf], "b": [50]}))
    assert text.endswith(f"no shares can be told: {BOUNDS}, so that steps belong together")
    (text,) = said(exact({"a": [math.inf], "a+lr": [80], "a+code": [80], "b": [50]}))
    assert text.endswith(f"no shares can be told: {ENDS}")


def test_a_whole_that_may_be_nothing_has_no_shares():
    trials = noise(dict.fromkeys(("a", "a+lr", "a+code", "b"), 1.0), workloads=1, seeds=4)
    (text,) = said(trials)
    assert text.startswith("b is not told apart from a in speed on w0, ")
    assert UNTOLD in waterfall(trials, BOTH)["reason"].tolist()


def test_misses_are_named_by_workload():
    inf = math.inf
    rows = [("w", "a", 0, 50.0, 0.9), ("w", "a", 1, inf, 0.9), ("w", "b", 0, inf, NAN), ("w", "c", 0, 9.0, 0.9)]
    first, rule = missed(losses(trials_table(rows)))
    assert first == "missed on w: a in 1 of 2 runs and b in 1 of 1 runs (1 diverged)"
    assert rule.startswith("a time that was missed counts as the least")
    assert missed(losses(trials_table(rows[:1]))) == []


def test_shares_as_text():
    assert share_text({"share": -0.004, "share_low": -0.1, "share_high": 0.1}) == "0 % [-10, 10]"
    assert share_text({"share": 0.5, "share_low": NAN, "share_high": NAN}) == "50 %"
    assert share_text({"share": NAN}) == "-"
