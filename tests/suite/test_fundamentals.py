"""The fundamentals suite: complete, fair, and judged rightly where that takes no time."""

import pytest

import optbench
from optbench.registry.registry import registry as load_registry
from optbench.suite import load
from optbench.tuning import planned
from optbench.tuning.space import space

#: what the course teaches, in its order
TOPICS = [
    "Initialization",
    "Regularization",
    "Gradient checking",
    "Mini-batches",
    "Averages and bias correction",
    "Momentum",
    "RMSprop",
    "Adam",
    "Learning-rate decay",
    "Local optima and plateaus",
    "Hyperparameter search",
    "Normalizing inputs",
    "Batch normalization",
    "Softmax and hardmax",
    "Frameworks",
    "Weight decay",
    "Optimizers side by side",
]
#: that are explained and tried, and need no claim
EXPLAINED = {"Gradient checking", "Local optima and plateaus", "Softmax and hardmax", "Frameworks"}
DECAYS = {
    "inverse-time",
    "exponential",
    "inverse-sqrt-epoch",
    "inverse-sqrt-step",
    "staircase",
    "linear",
    "polynomial",
    "cosine",
    "warm-restarts",
    "one-cycle",
    "warmup",
}


@pytest.fixture(scope="module")
def plugins():
    return load_registry()


@pytest.fixture(scope="module")
def suite(plugins):
    return load("fundamentals", plugins)


def test_topics_are_in_the_courses_order_and_each_is_a_lesson(suite):
    assert [topic.name for topic in suite.topics] == TOPICS
    for topic in suite.topics:
        assert len(topic.text.split()) > 30
        assert topic.formula.strip()
        for part in (topic.problem, topic.takeaway, topic.practice, topic.source):
            assert part.strip(), topic.name
        measured = topic.name not in EXPLAINED
        assert any(claim.topic == topic.name for claim in suite.claims) is measured
        assert any(workload.topic == topic.name for workload in suite.workloads) is measured


def test_every_claim_has_ten_pairs_and_a_source(suite):
    assert suite.seeds >= 10
    for claim in suite.claims:
        assert claim.source
        assert claim.topic in TOPICS
        for name in claim.workloads:
            workload = suite.workload(name)
            assert workload.topic == claim.topic
            if claim.pairs == "studies":
                assert suite.studies(workload) >= 10


def test_every_candidate_is_compared(suite):
    compared = {
        (w, c) for claim in suite.claims for w in claim.workloads for c in (claim.better, claim.worse)
    }
    shown_only = {
        candidate.name
        for candidate in suite.candidates
        if not any((name, candidate.name) in compared for name in candidate.workloads)
    }
    # beside the claims, for their figures
    assert {n for n in shown_only if not n.startswith("all-")} == {
        "full batch at 0.1",
        "layer norm",
        "momentum on the plateau",
        "rmsprop on the plateau",
        "whitened",
    }
    for candidate in suite.candidates:
        assert len({suite.workload(name).topic for name in candidate.workloads}) == 1 or candidate.name in (
            "sgd at 1.9",
        )


def test_what_is_tuned_is_tuned_alike(suite):
    """Both sides of a claim search as many hyperparameters, on the same budget; a rate in the same range."""
    for claim in suite.claims:
        better, worse = suite.candidate(claim.better), suite.candidate(claim.worse)
        for name in claim.workloads:
            spaces = [space(c, suite.workload(name), suite.tuning) for c in (better, worse)]
            assert len(spaces[0]) == len(spaces[1])
            ends = [[(h.low, h.high) for h in s.values()] for s in spaces]
            # Nesterov's rate is that of a sum of gradients, ten times as large; side by side, each has its own range.
            if claim.better != "nesterov" and claim.topic != "Optimizers side by side":
                assert ends[0] == ends[1]


def test_all_that_is_taught_is_there(suite):
    found = {(claim.topic, claim.metric) for claim in suite.claims}
    for expected in (
        ("Initialization", "metric.unit_spread"),
        ("Initialization", "final_validation_accuracy"),
        ("Initialization", "final_validation_loss"),
        ("Initialization", "metric.activation_drift"),
        ("Initialization", "metric.gradient_drift"),
        ("Regularization", "metric.weight_norm"),
        ("Regularization", "generalization_gap"),
        ("Mini-batches", "epochs_to_target"),
        ("Mini-batches", "steps_to_target"),
        ("Mini-batches", "metric.loss_rises"),
        ("Momentum", "metric.oscillation"),
        ("Momentum", "steps_to_target"),
        ("RMSprop", "steps_to_target"),
        ("Adam", "steps_to_target"),
        ("Normalizing inputs", "steps_to_target"),
        ("Batch normalization", "steps_to_target"),
        ("Batch normalization", "final_validation_accuracy"),
        ("Batch normalization", "generalization_gap"),
        ("Batch normalization", "metric.statistics_gap"),
        ("Weight decay", "metric.weight_norm"),
    ):
        assert expected in found
    schedules = [suite.candidate(c.better).schedule for c in suite.claims if c.topic == "Learning-rate decay"]
    assert {schedule["name"] for schedule in schedules} == DECAYS


def test_each_optimizer_is_shown_side_by_side(suite, plugins):
    shown = {
        candidate.optimizer["name"]
        for candidate in suite.candidates
        if candidate.runs_on(suite.workload("digits-optimizers"))
    }
    assert shown >= {
        *("sgd", "asgd", "momentum", "heavy-ball", "nesterov", "adagrad", "adadelta"),
        *("rmsprop", "rmsprop-inside", "adam", "amsgrad", "adamax", "nadam", "adamw"),
    }


def test_the_whole_of_it_stays_small(suite):
    # About 25 ms a run: two minutes and a half on two cores.
    assert planned(suite) < 8000


def test_claims_that_take_no_time_come_out(suite, tmp_path):
    """Trained and judged for once: what a page will say of them is known."""
    results = optbench.run(
        suite,
        engine="serial",
        out=tmp_path,
        workloads=["slope", "two-scales", "rare-gradients"],
        report=False,
    )
    claims = results.claims()
    assert len(claims) == 4
    wrong = claims[claims["verdict"] != "supported"]
    assert wrong["statement"].tolist() == []
    assert claims["seeds"].tolist() == [10] * 4
    finals = (
        results.trials[results.trials["phase"] == "final"].groupby("candidate")["final_train_loss"].mean()
    )
    # sum of 1 - 0.9^t for t = 1 … 10, instead of 10 (rate 1, slope 1)
    assert finals["averages"] == pytest.approx(20 - 4.14, abs=0.3)
    assert finals["corrected averages"] == pytest.approx(10, abs=0.5)
