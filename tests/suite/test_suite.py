"""What a suite means: defaults, what is searched, and the part that a command line asks for."""

import json

import pytest
from pydantic import ValidationError

from optbench.contract.errors import OptbenchError
from optbench.suite import load, parse, validate

SUITE = """
title = "T"
baseline = "sgd"

[[workloads]]
name = "digits-mlp"
dataset = "digits"
network = { kind = "mlp", hidden = [4] }
epochs = 2
target = { metric = "validation_accuracy", value = 0.9 }

[[workloads]]
name = "diabetes"
dataset = { name = "diabetes" }
network = "mlp"
steps = 30
initializer = "small-normal"
normalizer = "batch-norm"

[[workloads]]
name = "bowl"
function = { name = "bowl", condition = 100 }
steps = 500

[[candidates]]
name = "adam"

[[candidates]]
name = "sgd"
title = "Descent"
optimizer = { name = "sgd", lr = 0.5 }
schedule = { name = "inverse-time", search = ["decay"] }
regularizer = ["l2"]
batch_size = { choices = [16, 64, "full"] }
workloads = ["digits-mlp", "bowl"]

[[candidates]]
name = "ahead"
optimizer = { name = "lookahead", inner = { name = "adam", beta1 = 0.5 } }
tuning = { method = "grid", first = 2 }

[[claims]]
statement = "Adam needs fewer steps"
workload = "digits-mlp"
better = "adam"
worse = "sgd"
metric = "steps_to_target"

[[claims]]
statement = "Looking ahead ends lower"
workloads = ["digits-mlp", "diabetes"]
better = "ahead"
worse = "adam"
metric = "final_train_loss"
"""


@pytest.fixture(scope="module")
def suite(registry):
    return parse(SUITE, "t.toml", registry)


def test_defaults_are_filled_in(suite):
    digits, diabetes, bowl = suite.workloads
    assert (suite.seeds, suite.seed, suite.tuning.method, suite.tuning.trials) == (10, 0, "quasirandom", 8)
    assert digits.title == "digits-mlp"
    assert digits.dataset == {"name": "digits", "noise": 0.0}
    assert digits.network == {"name": "mlp", "hidden": [4], "activation": "relu"}
    assert (digits.loss, diabetes.loss, bowl.loss) == ("softmax_cross_entropy", "mean_squared_error", None)
    assert (digits.dtype, bowl.dtype) == ("float32", "float64")
    assert (digits.evaluate_every, bowl.evaluate_every) == (None, 5)
    assert (digits.initializer, digits.schedule) == ({"name": "glorot-uniform"}, {"name": "constant"})
    assert diabetes.initializer == {"name": "small-normal", "std": 0.01}
    assert [n["name"] for n in diabetes.normalizers] == ["batch-norm"]
    assert digits.normalizers == []


def test_what_an_evaluation_reads(registry):
    table = {
        "title": "t",
        "workloads": [
            {"name": name, "dataset": "digits", "network": {"kind": "mlp", "hidden": [4]}, "epochs": 1, **more}
            for name, more in {
                "none": {},
                "validation": {"target": {"metric": "validation_loss", "value": 1.0}},
                "train": {"target": {"metric": "train_accuracy", "value": 0.9}},
                "own": {"target": {"metric": "train_loss", "value": 1.0}, "evaluate_examples": 99, "validate_every": 7},
            }.items()
        ]
        + [{"name": "bowl", "function": "bowl", "steps": 5}],
        "candidates": [{"name": "sgd", "optimizer": "sgd"}],
    }
    found = validate(table, "t", registry)
    assert {w.name: (w.evaluate_examples, w.validate_every) for w in found.workloads} == {
        "none": (512, 1), "validation": (512, 1), "train": (512, 4), "own": (99, 7), "bowl": (None, None),
    }  # fmt: skip
    for field in ("evaluate_examples", "validate_every"):
        table["workloads"][-1] = {"name": "bowl", "function": "bowl", "steps": 5, field: 2}
        with pytest.raises(OptbenchError, match=rf"bowl.*{field}.*analytic function has no examples and no splits"):
            validate(table, "t", registry)


def test_only_the_optimizer_is_searched_without_being_asked(suite):
    adam, sgd, ahead = suite.candidates
    # eps and amsgrad declare no range
    assert list(adam.optimizer["search"]) == ["lr", "beta1", "window", "form"]
    # what is fixed is not searched
    assert sgd.optimizer["search"] == {}
    assert sgd.optimizer["lr"] == 0.5
    assert list(sgd.schedule["search"]) == ["decay"]
    assert sgd.regularizers == [{"name": "l2", "strength": 0.001, "search": {}}]
    # components within, too
    assert list(ahead.optimizer["search"]) == ["steps", "inner.lr", "inner.window", "inner.form"]
    assert ahead.optimizer["inner"]["beta1"] == 0.5


def test_a_range_keeps_what_it_does_not_change(registry):
    text = SUITE.replace(
        'name = "adam"\n',
        'name = "adam"\noptimizer = { name = "adam", search = { lr = { high = 0.1 } } }\n',
        1,
    )
    search = parse(text, "t.toml", registry).candidate("adam").optimizer["search"]
    assert search == {"lr": {"low": 1e-5, "high": 0.1, "scale": "log", "priority": 1}}


def test_a_path_into_a_wrapper_may_be_quoted_or_not(registry):
    found = []
    for path in ("inner.lr", '"inner.lr"'):
        table = f'{{ name = "lookahead", search = {{ {path} = {{ low = 1e-3 }} }} }}'
        text = SUITE.replace('name = "adam"\n', f'name = "adam"\noptimizer = {table}\n', 1)
        found.append(parse(text, "t.toml", registry).candidate("adam").optimizer)
    assert found[0] == found[1]
    assert found[0]["search"] == {"inner.lr": {"low": 1e-3, "high": 10, "scale": "log", "priority": 1}}


def test_a_suite_as_stored_reads_as_the_same_suite(suite, registry):
    stored = json.loads(json.dumps(suite.model_dump(mode="json"), allow_nan=False))
    assert validate(stored, "store", registry) == suite


def test_reading_changes_nothing_that_it_is_given(suite, registry):
    raw = suite.model_dump(mode="json")
    before = json.dumps(raw)
    validate(raw, "store", registry)
    assert json.dumps(raw) == before


def test_a_suite_is_frozen(suite):
    with pytest.raises(ValidationError, match="frozen"):
        suite.seeds = 3


def test_a_claim_always_lists_its_workloads(suite):
    assert [c.workloads for c in suite.claims] == [("digits-mlp",), ("digits-mlp", "diabetes")]


def test_pairs_leave_out_where_a_candidate_does_not_run(suite):
    pairs = [(w.name, c.name) for w, c in suite.pairs()]
    assert pairs == [
        ("digits-mlp", "adam"), ("digits-mlp", "sgd"), ("digits-mlp", "ahead"),
        ("diabetes", "adam"), ("diabetes", "ahead"),
        ("bowl", "adam"), ("bowl", "sgd"), ("bowl", "ahead"),
    ]  # fmt: skip


def test_a_registered_optimizer_is_a_candidate_by_its_name(suite, registry):
    part = suite.limited(registry, candidates=["fragile", "adam"])
    assert [c.name for c in part.candidates] == ["fragile", "adam"]
    # adam is the suite's own
    assert part.candidate("adam") is suite.candidates[0]
    assert part.candidate("fragile").optimizer["search"] == {}
    lookahead = suite.limited(registry, candidates=["lookahead"]).candidates[0]
    assert list(lookahead.optimizer["search"]) == ["steps", "inner.lr"]


def test_claims_and_baseline_go_with_what_they_are_about(suite, registry):
    part = suite.limited(registry, candidates=["adam", "ahead"], workloads=["digits-mlp", "diabetes"])
    assert [c.statement for c in part.claims] == ["Looking ahead ends lower"]
    assert part.baseline is None
    assert suite.limited(registry, workloads=["digits-mlp"]).baseline == "sgd"
    assert suite.limited(registry) == suite


def test_a_command_line_overrides_seeds_and_trials(suite, registry):
    part = suite.limited(registry, seeds=2, trials=3)
    assert (part.seeds, part.tuning.trials) == (2, 3)
    assert (suite.seeds, suite.tuning.trials) == (10, 8)


@pytest.mark.parametrize(
    ("lines", "search", "confirmations"),
    [
        ("", 8, 0),
        ("trials = 12\nfinalists = 3\nconfirm = 2", 6, 6),
        ("trials = 12\nfinalists = 3", 12 - 3, 3),
        ("trials = 4\nfinalists = 2\nconfirm = 1", 2, 2),
        ("trials = 1\nfinalists = 1\nconfirm = 0", 1, 0),
    ],
)
def test_confirmations_are_paid_from_the_budget(registry, lines, search, confirmations):
    suite = parse(f"{SUITE}\n[tuning]\n{lines}\n", "t.toml", registry)
    assert (suite.tuning.search, suite.tuning.confirmations) == (search, confirmations)
    assert suite.tuning.search + suite.tuning.confirmations == suite.tuning.trials
    dumped = suite.model_dump(mode="json")
    assert validate(dumped, "t.toml", registry).tuning == suite.tuning


def test_a_command_line_with_few_trials_searches_with_all_of_them(registry):
    text = f"{SUITE}\n[tuning]\ntrials = 12\nfinalists = 3\nconfirm = 2\n"
    suite = parse(text, "t.toml", registry)
    for trials, confirmations in ((20, 6), (9, 6), (8, 0), (1, 0)):
        tuning = suite.limited(registry, trials=trials).tuning
        assert (tuning.trials, tuning.confirmations) == (trials, confirmations)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"candidates": ["adm"]}, "no candidate 'adm' in the suite and no optimizer of this name; did you mean 'adam'"),
        ({"candidates": ["ahed"]}, "did you mean 'ahead'"),
        ({"candidates": ["fragil"]}, "did you mean 'fragile'"),
        ({"workloads": ["digits"]}, "no workload 'digits' in the suite; did you mean 'digits-mlp'"),
        ({"candidates": ["sgd"], "workloads": ["diabetes"]}, "no candidate that was asked for runs on a workload"),
        ({"seeds": 0}, r"seeds must be a whole number in \[1, 9999\], got 0"),
        ({"trials": 0}, r"trials must be a whole number in \[1, 100000\], got 0"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_for(suite, registry, options, message):
    with pytest.raises(OptbenchError, match=message):
        suite.limited(registry, **options)


def test_a_suite_by_name_and_by_path(registry, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xef\xbb\xbf" + SUITE.encode())  # editors on Windows write a byte-order mark
    registry.suites["mine"] = (path, "fakes:all")
    try:
        assert load("mine", registry) == load(path, registry) == load(str(path), registry)
    finally:
        del registry.suites["mine"]


def test_the_held_out_suite_is_valid():
    from optbench.registry.registry import registry as everything

    suite = load("held-out", everything())
    assert sum(len(suite.variants(w)) for w in suite.workloads) == 6
    assert suite.workload("digits-mlp-wide").network["activation"] == "relu"


def test_the_quick_suite_is_valid():
    from optbench.registry.registry import registry as everything

    found = everything()
    if "quick" not in found.suites:
        pytest.fail("the quick suite is not offered")
    quick = load("quick", found)
    assert len(quick.workloads) == 9
    assert len(quick.candidates) == 7
    assert quick.seeds >= 5


def test_who_is_named_beside_the_suite_s_own_is_in_focus(suite, registry):
    def focus(**more):
        return suite.limited(registry, **more).focus

    assert focus() == ()
    assert focus(candidates=["adam", "lookahead", "sgd"]) == ("lookahead",)
    assert focus(candidates=["adam", "lookahead"], focus=["adam"]) == ("adam",)
    with pytest.raises(OptbenchError, match="focus: no candidate 'adma' takes part; did you mean 'adam'"):
        focus(focus=["adma"])


def test_the_baseline_stays_the_suite_s(suite, registry):
    asked = suite.limited(registry, candidates=["lookahead"], with_baseline=True)
    assert [c.name for c in asked.candidates] == ["lookahead", "sgd"]
    assert (asked.baseline, asked.focus) == ("sgd", ("lookahead",))
    # a reference brings it
    assert suite.limited(registry, candidates=["lookahead"]).baseline is None


def test_a_suite_names_its_focus(registry):
    suite = parse(SUITE.replace('baseline = "sgd"', 'baseline = "sgd"\nfocus = ["adam"]'), "t.toml", registry)
    assert suite.focus == ("adam",)
    assert suite.limited(registry, candidates=["sgd"]).focus == ()
    with pytest.raises(OptbenchError, match="focus: there is no candidate 'adma'; did you mean 'adam'"):
        parse(SUITE.replace('baseline = "sgd"', 'focus = ["adma"]'), "t.toml", registry)
