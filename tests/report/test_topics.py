import pytest

from optbench.report.topics import only_lesson, told


@pytest.mark.parametrize(
    ("some", "expected"), [(None, False), (["a", "b"], False), (["a"], True)], ids=["all", "both", "one"]
)
def test_only_a_lesson_where_candidates_run_apart(some, expected):
    suite = {
        "topics": [{"name": "T"}, {"name": "silent"}],
        "workloads": [{"name": "a", "topic": "T"}, {"name": "b"}],
        "candidates": [{"name": "x", "workloads": some}],
        "claims": [],
    }
    assert only_lesson(suite) is expected
    assert [t["name"] for t in told(suite)] == ["T", "silent"]
    assert not only_lesson(suite | {"topics": []})
    assert not only_lesson(suite | {"topics": [{"name": "silent"}]})
