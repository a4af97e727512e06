"""Topics: what claims are about, explained once; and how often a workload is tuned."""

import pytest

from optbench.contract.errors import OptbenchError
from optbench.suite import parse

SUITE = """
title = "T"

[[topics]]
name = "plain"
text = "Descent."
formula = "w <- w - lr g"

[[topics]]
name = "fancy"
text = "More."

[[workloads]]
name = "bowl"
topic = "plain"
function = "bowl"
steps = 10
studies = 7

[[workloads]]
name = "digits"
dataset = "digits"
network = "mlp"
epochs = 1

[[candidates]]
name = "sgd"
optimizer = "sgd"

[[candidates]]
name = "adam"

[[claims]]
statement = "Adam is faster"
topic = "fancy"
workload = "digits"
better = "adam"
worse = "sgd"
metric = "final_validation_accuracy"
pairs = "studies"
"""


def test_topics_keep_their_order_and_a_stored_suite_has_them(registry):
    suite = parse(SUITE, "t.toml", registry)
    assert [t.name for t in suite.topics] == ["plain", "fancy"]
    assert suite.topics[1].formula == ""
    assert suite.claims[0].pairs == "studies"
    assert suite.model_dump(mode="json")["topics"][0]["text"] == "Descent."


def test_only_the_topics_of_what_is_run_are_kept(registry):
    suite = parse(SUITE, "t.toml", registry)
    assert [t.name for t in suite.limited(registry, workloads=["bowl"]).topics] == ["plain"]
    assert [t.name for t in suite.limited(registry, workloads=["digits"]).topics] == ["fancy"]


def test_a_workload_may_be_tuned_more_often_than_the_others(registry):
    suite = parse(SUITE, "t.toml", registry)
    assert [suite.studies(w) for w in suite.workloads] == [7, 1]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            'topic = "fancy"',
            'topic = "fanzy"',
            "claims[0] \"Adam is faster\": topic: there is no topic 'fanzy'; did",
        ),
        (
            'topic = "plain"',
            'topic = "plane"',
            "workloads[0] \"bowl\": topic: there is no topic 'plane'; did",
        ),
        ('name = "fancy"', 'name = "plain"', 'topics[1] "plain": the name is taken by topics[0]'),
        ('text = "More."', 'text = ""', 'topics[1] "fancy": text: must not be empty'),
        ('text = "More."', 'txt = "More."', "topics[1] \"fancy\": there is no field 'txt'; did you"),
        ("studies = 7", "studies = 0", 'workloads[0] "bowl": studies: must be at least 1, got 0'),
        ('pairs = "studies"', 'pairs = "study"', "pairs: must be 'seeds' or 'studies', got 'study'"),
    ],
)
def test_mistakes(registry, old, new, message):
    assert old in SUITE
    with pytest.raises(OptbenchError) as caught:
        parse(SUITE.replace(old, new), "t.toml", registry)
    assert message in str(caught.value)


def test_without_topics_a_topic_is_a_free_word(registry):
    text = SUITE[: SUITE.index("[[topics]]")] + SUITE[SUITE.index("[[workloads]]") :]
    assert parse(text, "t.toml", registry).claims[0].topic == "fancy"
