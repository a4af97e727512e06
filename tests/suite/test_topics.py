"""Topics: what claims are about, explained once; and how often a workload is tuned."""

import pytest

from optbench.contract.errors import OptbenchError
from optbench.report.sections import lesson_pictures
from optbench.suite import parse, topic
from optbench.suite.topic import Topic

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


def test_what_is_only_explained_is_kept_with_all_workloads(registry):
    silent = '[[topics]]\nname = "silent"\ntext = "Explained."\n\n[[workloads]]'
    suite = parse(SUITE.replace("[[workloads]]", silent, 1), "t.toml", registry)
    assert [t.name for t in suite.limited(registry, seeds=2).topics] == ["plain", "fancy", "silent"]
    assert [t.name for t in suite.limited(registry, workloads=["bowl"]).topics] == ["plain"]


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
        (
            'text = "More."',
            'text = "More."\nillustrations = ["avrages"]',
            "topics[1] \"fancy\": illustrations: there is no illustration 'avrages'; did you mean 'averages'",
        ),
        (
            'text = "More."',
            'text = "More."\nexercise = """\n1\n2\n3\n4\n5\n6\n"""',
            'topics[1] "fancy": exercise: an exercise has at most 5 lines, got 6',
        ),
        ("studies = 7", "studies = 0", 'workloads[0] "bowl": studies: must be at least 1, got 0'),
        ('pairs = "studies"', 'pairs = "study"', "pairs: must be 'seeds' or 'studies', got 'study'"),
    ],
)
def test_mistakes(registry, old, new, message):
    assert old in SUITE
    with pytest.raises(OptbenchError) as caught:
        parse(SUITE.replace(old, new), "t.toml", registry)
    assert message in str(caught.value)


def test_a_topic_has_the_parts_of_a_lecture(registry):
    parts = """
problem = "It crawls."
illustrations = ["averages"]
takeaway = "Average."
practice = "Take 0.9."
exercise = '''
optbench list
'''
source = "Polyak 1964"
"""
    told = parse(SUITE.replace('text = "More."', 'text = "More."' + parts), "t.toml", registry).topics[1]
    assert (told.problem, told.illustrations, told.exercise) == ("It crawls.", ("averages",), "optbench list")


@pytest.mark.parametrize(("stored", "names"), [(None, ()), ("averages", ("averages",))])
def test_a_suite_stored_when_a_topic_had_one_illustration_is_read(stored, names):
    assert Topic.model_validate({"name": "a", "text": "b", "illustration": stored}).illustrations == names


def test_every_illustration_that_a_suite_may_ask_for_is_drawn():
    assert tuple(lesson_pictures.ILLUSTRATIONS) == topic.ILLUSTRATIONS


def test_without_topics_a_topic_is_a_free_word(registry):
    text = SUITE[: SUITE.index("[[topics]]")] + SUITE[SUITE.index("[[workloads]]") :]
    assert parse(text, "t.toml", registry).claims[0].topic == "fancy"
