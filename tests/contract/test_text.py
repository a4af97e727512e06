import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optbench.contract.text import cell, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("adam, β = 0.9 …", "adam, β = 0.9 …"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("a\u202emda", r"a\u202emda"),
        ("ad\u200bam\ufeff", r"ad\u200bam\ufeff"),
        ("a\r\nb\u2028c", r"a\r\nb\u2028c"),
        ("\ud800", r"\ud800"),
        ("12\u202f000 \u00a0", "12\u202f000 \u00a0"),  # spaces that are seen as such
    ],
)
def test_what_cannot_be_seen_is_an_escape(text, shown):
    assert visible(text) == shown


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=20))
def test_nothing_is_left_that_hides_or_steers(text):
    shown = visible(text, keep="\n")
    assert not {unicodedata.category(c) for c in shown if c != "\n"} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert shown.count("\n") == text.count("\n")
    assert visible(shown, keep="\n") == shown


@pytest.mark.parametrize(
    "text", ["=HYPERLINK(1)", "+1+1", "-2+3", "@SUM(1)", "\t=1", "\r=1", "＝1+1", "'=1", "''=1", "-"]
)
def test_what_a_spreadsheet_would_work_out_has_an_apostrophe(text):
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-1", "+0.5", "-1e-3", "-inf", "adam", "", "a=b", "'tis", "{\"lr\": -1}"])
def test_numbers_and_plain_texts_stay(text):
    assert cell(text) == text


@given(st.text("='+-1@ae\t\n", max_size=6), st.text("='+-1@ae\t\n", max_size=6))
def test_no_two_texts_share_a_cell(one, other):
    assert (cell(one) == cell(other)) == (one == other)
