from types import SimpleNamespace

import pandas as pd

from optbench.report.tables.environment import environment_tables, flat


def test_environments_are_shown_where_they_differ():
    one = {"python": "3.11", "blas": "x", "packages": {"numpy": "2.0"}}
    other = {"python": "3.11", "blas": "y", "packages": {"numpy": "2.1"}, "plugins": ["a 1", "b 2"]}
    environments = [(one, 12), (other, 3)]
    (table,) = environment_tables(SimpleNamespace(environments=environments))
    expected = pd.DataFrame(
        {"trials": ["12", "3"], "blas": ["x", "y"], "packages.numpy": ["2.0", "2.1"], "plugins": ["", "a 1, b 2"]}
    )
    pd.testing.assert_frame_equal(table.source, expected)
    assert environment_tables(SimpleNamespace(environments=environments[:1])) == []
    assert environment_tables(SimpleNamespace()) == []


def test_nested_settings_become_rows():
    assert flat({"a": {"b": [1, "x"]}, "c": None}) == [("a.b", "1, x"), ("c", "–")]
