import tomllib

from optbench.report.words.toml import as_toml


def test_the_suite_is_toml_without_what_is_none():
    workload = {"name": "w", "target": {"value": 0.9}, "y": None}
    suite = {"title": 'a "b"\n', "seeds": 5, "x": None, "workloads": [workload]}
    assert tomllib.loads(as_toml(suite)) == {
        "title": 'a "b"\n',
        "seeds": 5,
        "workloads": [{"name": "w", "target": {"value": 0.9}}],
    }
