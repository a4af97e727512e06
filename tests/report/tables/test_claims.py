from optbench.report.tables.claims import claims


def test_claims_have_unit_and_reason(results):
    row = claims(results.claims()).rows[1]
    assert row.cells[2].text == "120 [−30, 300] steps"
    assert row.note == "the interval holds both outcomes"
