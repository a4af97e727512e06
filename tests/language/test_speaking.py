"""Which language is spoken, what it lacks, and lines of letters of two widths."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optbench.contract.errors import OptbenchError
from optbench.language import N_, chosen, lacking, speaking, spoken, tag, together
from optbench.language import gettext as _
from optbench.report.pictures.lines import width, wrapped
from optbench.report.words.reasons import SHAPES, said


def test_english_needs_no_catalogue_and_a_block_ends_where_it_ends():
    assert (_("steps"), spoken(), tag()) == ("steps", "en", "en")
    with speaking("zh"):
        assert (_("steps"), spoken(), tag()) == ("步", "zh", "zh-Hans-CN")
        with speaking("en"):
            assert _("steps") == "steps"
        assert N_("steps") == "steps"
    assert _("steps") == "steps"


def test_a_text_without_an_entry_stays_english_and_is_named_once():
    with speaking("zh") as speech:
        text = "a title that no catalogue has"
        assert _(text) == _(text) == text
        assert _("") == ""
        assert _("steps") == "步"
    assert list(speech.missing) == [text]
    assert repr(text) in lacking(speech)


@pytest.mark.parametrize("asked", ["zh", "zh-CN", "zh_CN.UTF-8", "ZH"])
def test_a_language_is_known_by_its_first_part(asked):
    assert chosen(asked) == "zh"


def test_the_environment_chooses_where_no_argument_does(monkeypatch):
    monkeypatch.setenv("OPTBENCH_LANGUAGE", "zh_CN")
    assert (chosen(), chosen("en")) == ("zh", "en")
    monkeypatch.setenv("OPTBENCH_LANGUAGE", "tlh")
    with pytest.raises(OptbenchError, match="OPTBENCH_LANGUAGE: there are no texts in 'tlh'"):
        chosen()


def test_sentences_have_between_them_what_the_language_has():
    assert together(["A.", "B.", "C."]) == "A. B. C."
    with speaking("zh"):
        assert together(["甲。", "乙。", "丙。"]) == "甲。乙。丙。"


@given(st.sampled_from(SHAPES), st.integers(0, 999))
def test_a_reason_is_known_by_its_shape_whatever_its_numbers(shape, number):
    names = ["candidate", "count", "level", "least", "margin", "metric", "pairs", "runs", "share", "workload"]
    names.append("workloads")
    values = {name: str(number + k) for k, name in enumerate(names)}
    reason = shape.format(**values)
    assert said(reason) == reason
    with speaking("zh") as speech:
        told = said(reason)
    assert not speech.missing
    assert told == translation(shape).format(**values)


def translation(text):
    with speaking("zh"):
        return _(text)


@given(st.text("ab 学习率，。（）0.9", max_size=60), st.integers(4, 20))
def test_lines_are_within_their_width_and_keep_every_letter(text, wide):
    lines = wrapped(text, wide)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert not any(line[0] in "，。）" for line in lines[1:])
    if not any(letter in text for letter in "，。（）"):  # signs go with their letters
        words = max((len(w) for w in text.split()), default=0)
        assert all(width(line) <= max(wide, words) for line in lines)
