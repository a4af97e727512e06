import pandas as pd

from optbench.report.sections.first import cautions_of


def test_cautions_are_grouped_and_placed():
    class Warned:
        @staticmethod
        def cautions():
            rows = [("edge", "w", "adam", "lr 10"), ("seeds", "", "", "too few"), ("edge", "", "sgd", "x")]
            return pd.DataFrame(rows, columns=["kind", "workload", "candidate", "message"])

    groups = cautions_of(Warned(), {"w": "w0"})
    assert [(g["title"], len(g["rows"])) for g in groups] == [
        ("A selected setting lies at the edge of its range", 2),
        ("Too few seeds to decide", 1),
    ]
    assert groups[0]["rows"][0] == ("adam on w", "lr 10", "w0")
    assert cautions_of(object(), {}) == []
